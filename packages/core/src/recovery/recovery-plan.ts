import type { FieldError } from '../errors.ts';

export const RECOVERY_KINDS = ['volumes', 'instance', 'database', 'database-cluster', 'redshift-cluster'] as const;
/** What a recovery brings back: new volumes, or one instance, database or cluster. */
export type RecoveryKind = (typeof RECOVERY_KINDS)[number];

export const RECOVERY_OBJECT_KINDS = [
  'volume',
  'instance',
  'image',
  'attachment',
  'database',
  'database-cluster',
  'redshift-cluster',
] as const;
/** What a recovery can have to do with in AWS. */
export type RecoveryObjectKind = (typeof RECOVERY_OBJECT_KINDS)[number];

/** One thing in AWS that a recovery is going to make, change or delete (REC-9); `name` is its id, or what it will be called. */
export type PlannedObject = {
  readonly action: 'create' | 'change' | 'delete';
  readonly kind: RecoveryObjectKind;
  readonly name: string;
  readonly note: string;
};

export const PREFLIGHT_CHECKS = [
  'credentials',
  'permissions',
  'snapshots',
  'names',
  'place',
  'network',
  'image',
  'launch',
  'volumes',
  'devices',
  'keys',
  'quotas',
] as const;
/** What is looked at before anything is made (U31). */
export type PreflightCheckName = (typeof PREFLIGHT_CHECKS)[number];

/** One thing that is not as it should be; `path` is the field of the wish that it belongs to, empty for the whole. */
export type Finding = FieldError & { readonly result: 'warn' | 'fail'; readonly fix: string | null };

export type PreflightCheck = {
  readonly name: PreflightCheckName;
  readonly result: 'pass' | 'warn' | 'fail';
  readonly findings: readonly Finding[];
};

/** What was found under one heading: what forbids the recovery, and what the person should only know. */
export type Found = {
  readonly name: PreflightCheckName;
  readonly fails?: readonly (FieldError & { readonly fix?: string | undefined })[];
  readonly warns?: readonly (FieldError & { readonly fix?: string | undefined })[];
};

/** The checks that were made, in the order of the list, each once: failed where anything of it failed. */
export function summarizeChecks(found: readonly Found[]): PreflightCheck[] {
  return PREFLIGHT_CHECKS.flatMap((name): PreflightCheck[] => {
    const of = found.filter((each) => each.name === name);
    if (of.length === 0) return [];
    const findings = (['fail', 'warn'] as const).flatMap((result) =>
      of.flatMap(({ fails = [], warns = [] }) =>
        (result === 'fail' ? fails : warns).map(({ path, message, fix = null }) => ({ path, message, result, fix })),
      ),
    );
    return [{ name, result: findings[0]?.result ?? 'pass', findings }];
  });
}

/** Checks that were made already, with what further ones found. */
export const withFound = (checks: readonly PreflightCheck[], found: readonly Found[]): PreflightCheck[] =>
  summarizeChecks([
    ...checks.map(({ name, findings }): Found => {
      const of = (result: Finding['result']) =>
        findings
          .filter((finding) => finding.result === result)
          .map(({ fix, ...rest }) => ({ ...rest, fix: fix ?? undefined }));
      return { name, fails: of('fail'), warns: of('warn') };
    }),
    ...found,
  ]);

/** Whether nothing forbids the recovery. */
export const canStart = (checks: readonly PreflightCheck[]): boolean => checks.every(({ result }) => result !== 'fail');

/**
 * Sorts a planner's errors under the headings of the preflight by their field; every heading of `headings` that has none
 * has passed. `headingOf` answers for the first part of a path, and for the last one of a volume's.
 */
export function sortErrors(
  errors: readonly FieldError[],
  headings: readonly PreflightCheckName[],
  headingOf: (path: string) => PreflightCheckName,
): Found[] {
  return [
    ...headings.map((name) => ({ name })),
    ...errors.map((error) => ({ name: headingOf(error.path), fails: [error] })),
  ];
}
