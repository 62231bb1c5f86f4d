import type { BackedUpResource, DatabaseRecoveryChoices } from '@cpm/contract';
import { useQuery } from '@tanstack/react-query';
import { databaseChoicesQuery } from './queries.ts';
import type { RecoverySource } from './recovery-frame.tsx';

export type DatabaseKind = 'database' | 'database-cluster' | 'redshift-cluster';

/** What the fields of a database form offer to pick from; each takes free text too. */
export type DatabaseLists = {
  readonly classes: readonly string[];
  readonly zones: readonly string[];
  readonly subnetGroups: readonly { readonly name: string; readonly vpcId: string | null }[];
  readonly parameterGroups: readonly string[];
  readonly optionGroups: readonly string[];
  /** Identifiers that AWS has given away in the region. */
  readonly takenIds: readonly string[];
};

/** The lists of the region; where AWS does not give them, what was recorded is offered and the rest is typed. */
export function useDatabaseLists({ resource, target }: RecoverySource, kind: DatabaseKind): DatabaseLists {
  const { data } = useQuery(databaseChoicesQuery(target.accountId, target.region));
  return databaseLists(resource, kind, data);
}

/** What there is to pick for a kind: groups that go with it only, the original's before all others. */
export function databaseLists(
  resource: BackedUpResource,
  kind: DatabaseKind,
  choices: DatabaseRecoveryChoices | undefined,
): DatabaseLists {
  const was = resource.database;
  const groups = groupsOf(kind, choices);
  const engineOptions = (choices?.optionGroups ?? []).filter(({ engine }) => engine === was?.engine);
  return {
    classes: known(was?.instanceClass, ...(was?.members ?? []).map(({ instanceClass }) => instanceClass)),
    zones: choices?.zones ?? known(...(was?.zones ?? [])),
    subnetGroups: choices
      ? groups.subnets
      : known(was?.subnetGroup).map((name) => ({ name, vpcId: was?.vpcId ?? null })),
    parameterGroups: known(...(was?.parameterGroups ?? []), ...groups.parameters.map(({ name }) => name)),
    optionGroups: known(was?.optionGroup, ...engineOptions.map(({ name }) => name)),
    takenIds: groups.taken,
  };
}

function groupsOf(kind: DatabaseKind, choices: DatabaseRecoveryChoices | undefined) {
  if (choices === undefined) return { subnets: [], parameters: [], taken: [] };
  switch (kind) {
    case 'database':
      return {
        subnets: choices.databaseSubnetGroups,
        parameters: choices.parameterGroups,
        taken: choices.databaseIds,
      };
    case 'database-cluster':
      return {
        subnets: choices.databaseSubnetGroups,
        parameters: choices.clusterParameterGroups,
        taken: choices.databaseClusterIds,
      };
    case 'redshift-cluster':
      return {
        subnets: choices.redshiftSubnetGroups,
        parameters: choices.redshiftParameterGroups,
        taken: choices.redshiftClusterIds,
      };
  }
}

const known = (...values: readonly (string | null | undefined)[]): string[] => [
  ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
];

/** The network of the subnet group that the database will be in; null where nobody can tell. */
export function databaseVpc(subnetGroup: string, lists: DatabaseLists, resource: BackedUpResource): string | null {
  if (subnetGroup.trim() === '') return resource.database?.vpcId ?? null;
  return lists.subnetGroups.find(({ name }) => name === subnetGroup.trim())?.vpcId ?? null;
}
