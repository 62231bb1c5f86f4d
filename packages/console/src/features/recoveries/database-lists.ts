import type { RecoverySource } from './recovery-frame.tsx';

/** What the fields of a database form offer to pick from; each takes free text too. */
export type DatabaseLists = {
  readonly classes: readonly string[];
  readonly subnetGroups: readonly string[];
  readonly parameterGroups: readonly string[];
  readonly optionGroups: readonly string[];
};

/** What was recorded of the original, as the first thing to pick. */
export function databaseLists({ resource: { database, instanceType } }: RecoverySource): DatabaseLists {
  const known = (...values: readonly (string | null | undefined)[]) => values.filter((value) => value != null);
  return {
    classes: known(
      database?.instanceClass ?? instanceType,
      ...(database?.members ?? []).map(({ instanceClass }) => instanceClass),
    ).filter(Boolean),
    subnetGroups: known(database?.subnetGroup),
    parameterGroups: known(...(database?.parameterGroups ?? [])),
    optionGroups: known(database?.optionGroup),
  };
}
