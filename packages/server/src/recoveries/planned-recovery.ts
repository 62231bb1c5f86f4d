import type { FieldError, PlannedObject, PreflightCheck, RecoveryId, RecoveryKind } from '@cpm/core';
import type { BackupRow } from '../backups/backups.store.ts';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import type { RecoveryAccess } from './recovery-access.ts';
import type { RecoveryUses } from './recovery-uses.ts';

/** What a kind's planner is handed: the backup's records, and AWS where the recovery goes to. */
export type Asked = {
  readonly context: ServerContext;
  readonly backup: BackupRow;
  readonly resources: readonly ResourceRow[];
  readonly snapshots: readonly SnapshotRow[];
  /** Of the recovery to be: it is written into tags and names of what is made. */
  readonly recoveryId: RecoveryId;
  readonly access: RecoveryAccess;
};

/**
 * A recovery after everything about it was looked at and before anything is made. `plan` is null where a check failed; it is
 * what the kind's job is given, as JSON, and may hold user data: it is stored sealed.
 */
export type PlannedRecovery = {
  readonly kind: RecoveryKind;
  readonly sourceName: string;
  readonly plan: object | null;
  readonly checks: readonly PreflightCheck[];
  readonly warnings: readonly string[];
  readonly objects: readonly PlannedObject[];
  readonly steps: readonly string[];
  /** What the preflight looks at beside the planner's own checks; absent: nothing. */
  readonly uses?: RecoveryUses;
};

/** Everything that forbids it, with the fields. */
export const failuresOf = ({ checks }: PlannedRecovery): FieldError[] =>
  checks
    .flatMap(({ findings }) => findings)
    .filter(({ result }) => result === 'fail')
    .map(({ path, message }) => ({ path, message }));
