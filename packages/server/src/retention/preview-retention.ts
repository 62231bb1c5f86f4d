import {
  cpmError,
  decideRetention,
  type BackupId,
  type Instant,
  type PolicyId,
  type RetentionDecision,
} from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { countsOf, type Counts } from './counts.ts';
import { findRetentionBackups } from './retention.store.ts';

export type HeldSnapshot = {
  readonly backupId: BackupId;
  readonly awsSnapshotId: string;
  readonly region: string;
  readonly sourceId: string;
};

export type PreviewedBackup = RetentionDecision & {
  readonly startedAt: Instant;
  readonly snapshots: readonly HeldSnapshot[];
};

export type Preview = {
  /** Newest first. */
  readonly items: readonly PreviewedBackup[];
  /** What would be deleted that is not being deleted already. */
  readonly deletes: Counts;
};

type Rule = { readonly generations: number; readonly keepRecordDays: number; readonly now: Instant };

/** What retention would do with a policy's backups if it kept so many generations, backup by backup (F16). */
export async function previewRetention(db: Kysely<Database>, policyId: PolicyId, rule: Rule): Promise<Preview> {
  const backups = (await findRetentionBackups(db, policyId)).toSorted((a, b) => b.createdAt - a.createdAt);
  const snapshots = Map.groupBy(
    await findHeldSnapshots(
      db,
      backups.map(({ id }) => id),
    ),
    ({ backupId }) => backupId,
  );
  const decisions = decideRetention(backups, rule);
  const items = backups.flatMap(({ createdAt, isMarked }, index) => {
    const decision = decisions[index];
    if (decision === undefined) return [];
    return [{ ...decision, isMarked, startedAt: createdAt, snapshots: snapshots.get(decision.id) ?? [] }];
  });
  const gone = items.filter(({ action, isMarked }) => action === 'delete' && !isMarked);
  return { items, deletes: { backups: gone.length, snapshots: gone.flatMap((each) => each.snapshots).length } };
}

/** The snapshots of backups that are in AWS as far as the records know. */
export async function findHeldSnapshots(
  db: Kysely<Database>,
  backupIds: readonly BackupId[],
): Promise<readonly HeldSnapshot[]> {
  if (backupIds.length === 0) return [];
  const rows = await db
    .selectFrom('snapshots')
    .select(['backup_id as backupId', 'aws_snapshot_id as awsSnapshotId', 'region', 'source_id as sourceId'])
    .where('backup_id', 'in', backupIds)
    .where('aws_snapshot_id', 'is not', null)
    .where('state', 'in', ['pending', 'completed', 'error'])
    .orderBy('region')
    .orderBy('source_id')
    .execute();
  return rows.flatMap(({ awsSnapshotId, ...row }) => (awsSnapshotId === null ? [] : [{ ...row, awsSnapshotId }]));
}

export type Lowered = Omit<Rule, 'keepRecordDays'> & {
  readonly policy: { readonly id: PolicyId; readonly name: string; readonly generations: number };
  /** How many deletions the caller knows of. */
  readonly confirmed: number | undefined;
};

/** Lets generations be lowered only by a caller who knows how many backups go with it; throws `conflict_not_confirmed`. */
export async function confirmLowered(db: Kysely<Database>, { policy, confirmed, ...rule }: Lowered): Promise<void> {
  if (rule.generations >= policy.generations) return;
  const { deletes } = await previewRetention(db, policy.id, { ...rule, keepRecordDays: 0 });
  if (deletes.backups === 0 || deletes.backups === confirmed) return;
  const what = `Keeping ${rule.generations} instead of ${policy.generations} generations of the policy ${policy.name}`;
  throw cpmError('conflict_not_confirmed', { params: { what, counts: countsOf(deletes) } });
}
