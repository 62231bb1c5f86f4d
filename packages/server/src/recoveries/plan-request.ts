import { randomUUID } from 'node:crypto';
import type { AwsCredentials } from '@cpm/aws/port';
import {
  canStart,
  cpmError,
  isRegionName,
  parseAccountId,
  parseBackupId,
  parseRecoveryId,
  summarizeChecks,
  withFound,
  type Found,
  type RecoveryId,
  type UserId,
} from '@cpm/core';
import { findAccount } from '../accounts/accounts.store.ts';
import { findBackup, type BackupRow } from '../backups/backups.store.ts';
import { findResources, findSnapshots, type ResourceRow, type SnapshotRow } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import { checkBeforeStart } from './preflight.ts';
import { checkCredentials, recoveryAccess } from './recovery-access.ts';
import { beingDeleted } from './start-recovery.ts';

/** What every wish to recover may say beside what it brings back; values that are undefined count as absent. */
export type CommonWish = {
  readonly place?: { readonly accountId: string; readonly region: string } | undefined;
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined }
    | undefined;
};

/** A backup that a user may recover from, with its records. */
export type Source = {
  readonly backup: BackupRow;
  readonly resources: readonly ResourceRow[];
  readonly snapshots: readonly SnapshotRow[];
};

/** Throws `not_found`, `conflict_not_recoverable`, `conflict_being_deleted`. */
export async function findSource({ db }: ServerContext, ownerId: UserId, backupId: string): Promise<Source> {
  const backup = await findBackup(db, ownerId, parseBackupId(backupId));
  if (backup.deletedAt !== null) throw cpmError('conflict_not_recoverable');
  if (backup.deletionMarkedAt !== null) throw beingDeleted(backup);
  const [resources, snapshots] = await Promise.all([findResources(db, backup.id), findSnapshots(db, backup.id)]);
  return { backup, resources, snapshots };
}

/** One resource of the backup, of the kind that the recovery is for; throws `recovery_refused`. */
export function resourceOf({ resources }: Source, resourceId: string, kind: ResourceRow['kind']): ResourceRow {
  const resource = resources.find((each) => each.id === resourceId && each.kind === kind);
  if (resource !== undefined) return resource;
  const words = { instance: 'instance', volume: 'volume', database: 'database' } as const;
  const noun =
    kind === 'database-cluster' ? 'database cluster' : kind === 'redshift-cluster' ? 'Redshift cluster' : words[kind];
  throw cpmError('recovery_refused', { fields: [{ path: 'resourceId', message: `is no ${noun} of this backup` }] });
}

/** The credentials of a wish as the ports take them. */
export function credentialsOf({ credentials }: CommonWish): AwsCredentials | null {
  if (credentials === undefined) return null;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** What a wish asked for as it may be stored and shown: user data and credentials may not. */
export function shownInputs({ credentials, ...wish }: CommonWish & Record<string, unknown>): Record<string, unknown> {
  const userData = typeof wish['userDataBase64'] === 'string' ? { userDataBase64: '(given, not recorded)' } : {};
  return { ...wish, ...userData, ...(credentials === undefined ? {} : { credentials: '(given, not recorded)' }) };
}

export type Planned = {
  readonly id: RecoveryId;
  readonly region: string;
  readonly planned: PlannedRecovery;
  /** What it was planned with, for looking further. */
  readonly asked: Asked;
};

/**
 * Plans a recovery to the region of its source, with the account's own credentials or those of the wish, and looks at what
 * every start looks at. Nothing is made.
 * Throws `recovery_refused` for a place that the backup holds no copies in, and AWS's errors.
 */
export async function planRequest(
  context: ServerContext,
  { source, region, wish }: { readonly source: Source; readonly region: string; readonly wish: CommonWish },
  plan: (asked: Asked) => Promise<PlannedRecovery>,
): Promise<Planned> {
  const { backup } = source;
  if (!isRegionName(region)) throw cpmError('recovery_refused');
  refuseOtherPlaces(source, { region, wish });
  const id = parseRecoveryId(randomUUID());
  const credentials = credentialsOf(wish);
  const access = recoveryAccess(context, { accountId: backup.accountId, region }, { credentials });
  const checked: Found[] = [];
  if (credentials !== null) {
    const account = await findAccount(context.db, backup.ownerId, backup.accountId);
    const found = await checkCredentials(access, account);
    // With somebody else's account before us nothing more is worth looking at.
    if (!canStart(summarizeChecks([found]))) {
      throw cpmError('recovery_refused', {
        fields: [...(found.fails ?? [])].map(({ path, message }) => ({ path, message })),
      });
    }
    checked.push(found);
  }
  const asked: Asked = { context, ...source, recoveryId: id, access };
  const planned = await checkBeforeStart(asked, await plan(asked));
  return { id, region, asked, planned: { ...planned, checks: withFound(planned.checks, checked) } };
}

/** Today a backup's snapshots are where it was made; copies elsewhere would be further places. */
function refuseOtherPlaces(
  { backup }: Source,
  { region, wish: { place } }: { readonly region: string; readonly wish: CommonWish },
): void {
  if (place === undefined) return;
  const fields = [
    ...(parseAccountId(place.accountId) === backup.accountId
      ? []
      : [{ path: 'place.accountId', message: 'this backup holds no snapshots in that account' }]),
    ...(place.region === region
      ? []
      : [
          {
            path: 'place.region',
            message: `this backup holds no snapshots of it in ${place.region}, only in ${region}`,
          },
        ]),
  ];
  if (fields.length > 0) throw cpmError('recovery_refused', { fields });
}
