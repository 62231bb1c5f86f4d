import { randomUUID } from 'node:crypto';
import {
  cpmError,
  parseBackupId,
  type AccountId,
  type BackupId,
  type BackupPhase,
  type BackupStatus,
  type BackupTrigger,
  type Instant,
  type PolicyId,
  type UserId,
} from '@cpm/core';
import { sql, type Kysely, type Transaction } from 'kysely';
import { holding } from '../db/like-pattern.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announce, announceAll } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery, type SortKey } from '../http/paging.ts';
import type { PolicyRow } from '../policies/policies.store.ts';
import { dropRetries } from './retries.ts';
import { notePoints } from './known-resources.store.ts';

export type BackupRow = {
  readonly id: BackupId;
  readonly ownerId: UserId;
  readonly policyId: PolicyId | null;
  readonly policyName: string;
  readonly accountId: AccountId;
  readonly accountName: string;
  readonly trigger: BackupTrigger;
  readonly dueAt: Instant | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly phase: BackupPhase;
  readonly status: BackupStatus | null;
  readonly reasons: string[];
  readonly isGeneration: boolean;
  readonly recoverable: boolean;
  readonly progressPercent: number;
  readonly startSkewMs: number | null;
  readonly snapshotCount: number;
  readonly sizeGiB: number;
  readonly deletionMarkedAt: Instant | null;
  readonly deletionReason: string | null;
  readonly deletedAt: Instant | null;
  readonly retryOf: BackupId | null;
  /** 0: a first attempt. */
  readonly retryNumber: number;
  readonly retryAt: Instant | null;
  readonly abortRequestedAt: Instant | null;
  readonly abortRequestedBy: string | null;
  readonly freezeWindowMs: number | null;
  readonly frozenAt: Instant | null;
  readonly frozenName: string | null;
  readonly frozenDescription: string;
  readonly frozenBy: string | null;
};

const columns = [
  'backups.id',
  'backups.owner_id as ownerId',
  'backups.policy_id as policyId',
  'backups.policy_name as policyName',
  'backups.account_id as accountId',
  'backups.account_name as accountName',
  'backups.trigger',
  'backups.due_at as dueAt',
  'backups.started_at as startedAt',
  'backups.ended_at as endedAt',
  'backups.phase',
  'backups.status',
  'backups.reasons',
  'backups.is_generation as isGeneration',
  'backups.recoverable',
  'backups.progress_percent as progressPercent',
  'backups.start_skew_ms as startSkewMs',
  'backups.snapshot_count as snapshotCount',
  'backups.size_gib as sizeGiB',
  'backups.deletion_marked_at as deletionMarkedAt',
  'backups.deletion_reason as deletionReason',
  'backups.deleted_at as deletedAt',
  'backups.retry_of as retryOf',
  'backups.retry_number as retryNumber',
  'backups.retry_at as retryAt',
  'backups.abort_requested_at as abortRequestedAt',
  'backups.abort_requested_by as abortRequestedBy',
  'backups.freeze_window_ms as freezeWindowMs',
  'backups.frozen_at as frozenAt',
  'backups.frozen_name as frozenName',
  'backups.frozen_description as frozenDescription',
  'backups.frozen_by as frozenBy',
] as const;

export type NewBackup = {
  readonly policy: Pick<PolicyRow, 'id' | 'ownerId'>;
  readonly trigger: BackupTrigger;
  /** Null for "run now" and retries. */
  readonly dueAt: Instant | null;
  /** What it tries again, and the how manieth time. */
  readonly retryOf?: BackupId;
  readonly retryNumber?: number;
};

/**
 * Opens backups of policies, all in one statement. Null in place of one whose slot has its backup already, of whose policy
 * another backup is running (both are unique in the database, so two servers cannot disagree) or is being removed. Retries
 * that waited for the policies of those that are opened are dropped: the newer backup wins (POL-5).
 */
export async function createBackups(
  tx: Transaction<Database>,
  starts: readonly NewBackup[],
  at: Instant,
): Promise<(BackupId | null)[]> {
  if (starts.length === 0) return [];
  const news = starts.map(({ policy, trigger, dueAt, retryOf = null, retryNumber = 0 }) => ({
    id: parseBackupId(randomUUID()),
    ownerId: policy.ownerId,
    policyId: policy.id,
    trigger,
    dueAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    retryOf,
    retryNumber,
  }));
  // A policy that is being removed fires no more, also when its schedule was read a moment before. Two transactions that open
  // backups of the same policies do so in the same order: neither waits for the other in a circle.
  const { rows } = await sql<{ id: BackupId }>`
    with alive as (
      select policies.id, policies.owner_id, policies.name, account_id, accounts.name as account_name
      from policies join accounts on accounts.id = account_id
      where policies.id = any(${starts.map(({ policy }) => policy.id)}::uuid[]) and removed_at is null
      order by policies.id for key share of policies
    )
    insert into backups (id, owner_id, policy_id, policy_name, account_id, account_name, trigger, due_at, retry_of,
      retry_number, started_at, phase, reasons, is_generation, recoverable, progress_percent, snapshot_count, size_gib)
    select new.id, owner_id, alive.id, name, account_id, account_name, trigger, "dueAt", "retryOf", "retryNumber",
      ${asTimestamp(at)}, 'queued', '{}', false, false, 0, 0, 0
    from jsonb_to_recordset(${JSON.stringify(news)}::jsonb) as new(id uuid, "policyId" uuid, trigger text,
      "dueAt" timestamptz, "retryOf" uuid, "retryNumber" integer)
      join alive on alive.id = "policyId"
    order by alive.id, "dueAt"
    on conflict do nothing
    returning id`.execute(tx);
  const made = new Set(rows.map(({ id }) => id));
  const opened = news.filter(({ id }) => made.has(id));
  await announceAll(tx, 'backup', opened);
  const newer = opened.filter(({ trigger }) => trigger !== 'retry').map(({ policyId }) => policyId);
  await dropRetries(tx, newer, { at, reason: 'a newer backup of the policy came first' });
  return news.map(({ id }) => (made.has(id) ? id : null));
}

/** The backup of a policy that is running, if any. */
export async function findRunningBackup(db: Kysely<Database>, policyId: PolicyId): Promise<BackupId | null> {
  const row = await db
    .selectFrom('backups')
    .select('id')
    .where('policy_id', '=', policyId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** One backup of the owner; throws `not_found` for an unknown or another owner's. */
export async function findBackup(db: Kysely<Database>, ownerId: UserId, backupId: BackupId): Promise<BackupRow> {
  const row = await db
    .selectFrom('backups')
    .select(columns)
    .where('owner_id', '=', ownerId)
    .where('id', '=', backupId)
    .executeTakeFirst();
  if (row === undefined) throw cpmError('not_found', { params: { noun: 'backup' } });
  return row;
}

/** One backup of the owner, locked until the transaction ends; throws `not_found`. */
export async function lockBackup(tx: Kysely<Database>, ownerId: UserId, backupId: BackupId): Promise<BackupRow> {
  const { id } = await findBackup(tx, ownerId, backupId);
  return lockBackupForJob(tx, id);
}

/** Whether a recovery reads a backup's snapshots now. */
export async function isInRecovery(db: Kysely<Database>, backupId: BackupId): Promise<boolean> {
  const row = await db
    .selectFrom('recoveries')
    .select('id')
    .where('backup_id', '=', backupId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** A page of the owner's frozen backups, the newest first; `search` is a part of name or description, in any case. */
export async function listFrozen(
  db: Kysely<Database>,
  ownerId: UserId,
  { search, ...page }: PageQuery & { readonly search?: string | undefined },
): Promise<Page<BackupRow>> {
  let query = db
    .selectFrom('backups')
    .select(columns)
    .where('backups.owner_id', '=', ownerId)
    .where('frozen_at', 'is not', null);
  if (search !== undefined && search !== '') {
    const pattern = holding(search);
    query = query.where((where) =>
      where.or([where('frozen_name', 'ilike', pattern), where('frozen_description', 'ilike', pattern)]),
    );
  }
  return pageAfter<BackupRow>(query, page, [
    { column: 'frozen_at', of: (row) => row.frozenAt, direction: 'desc', type: 'time' },
    { column: 'id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

/** A backup for its job, which acts for its owner. */
export async function findBackupForJob(db: Kysely<Database>, backupId: BackupId): Promise<BackupRow> {
  return db.selectFrom('backups').select(columns).where('id', '=', backupId).executeTakeFirstOrThrow();
}

/** The same, locked until the transaction ends: what is read of its snapshots afterwards is the newest. */
export async function lockBackupForJob(tx: Kysely<Database>, backupId: BackupId): Promise<BackupRow> {
  return tx.selectFrom('backups').select(columns).where('id', '=', backupId).forUpdate().executeTakeFirstOrThrow();
}

export type BackupFilter = PageQuery & {
  readonly policyId?: PolicyId | undefined;
  readonly status?: BackupStatus | 'in-progress' | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  readonly deleted?: 'hide' | 'show' | undefined;
  readonly sort?: string | undefined;
};

/** The sort orders that a list of backups offers. */
const SORTS: Readonly<Record<string, SortKey<BackupRow>>> = {
  startedAt: { column: 'started_at', of: (row) => row.startedAt, direction: 'asc', type: 'time' },
  endedAt: { column: 'ended_at', of: (row) => row.endedAt, direction: 'asc', type: 'time', nullable: true },
  policy: { column: 'policy_name', of: (row) => row.policyName, direction: 'asc', type: 'text' },
  account: { column: 'account_name', of: (row) => row.accountName, direction: 'asc', type: 'text' },
  status: { column: 'status', of: (row) => row.status, direction: 'asc', type: 'text', nullable: true },
};

/** A page of the owner's backups, newest first unless told. */
export async function listBackups(
  db: Kysely<Database>,
  ownerId: UserId,
  filter: BackupFilter,
): Promise<Page<BackupRow>> {
  let query = db.selectFrom('backups').select(columns).where('backups.owner_id', '=', ownerId);
  if (filter.policyId !== undefined) query = query.where('policy_id', '=', filter.policyId);
  if (filter.status === 'in-progress') query = query.where('status', 'is', null);
  else if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.from !== undefined) query = query.where('started_at', '>=', asTimestamp(filter.from));
  if (filter.to !== undefined) query = query.where('started_at', '<', asTimestamp(filter.to));
  if (filter.deleted !== 'show') query = query.where('deleted_at', 'is', null);
  return pageAfter<BackupRow>(query, filter, sortKeys(filter.sort ?? '-startedAt'));
}

function sortKeys(sort: string): SortKey<BackupRow>[] {
  const key = SORTS[sort.replace('-', '')] ?? SORTS['startedAt'];
  const direction = sort.startsWith('-') ? 'desc' : 'asc';
  const unique: SortKey<BackupRow> = { column: 'id', of: (row) => row.id, direction: 'asc', type: 'uuid' };
  return key === undefined ? [unique] : [{ ...key, direction }, unique];
}

/** The newest backup of each policy. */
export async function findLastBackups(
  db: Kysely<Database>,
  policyIds: readonly PolicyId[],
): Promise<Map<PolicyId, BackupRow>> {
  if (policyIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('backups')
    .select(columns)
    .where('policy_id', 'in', policyIds)
    .distinctOn('policy_id')
    .orderBy('policy_id')
    .orderBy('started_at', 'desc')
    .execute();
  return new Map(rows.flatMap((row) => (row.policyId === null ? [] : [[row.policyId, row] as const])));
}

export type BackupChange = {
  readonly phase?: BackupPhase;
  readonly progressPercent?: number;
  readonly startSkewMs?: number | null;
  readonly freezeWindowMs?: number;
  readonly snapshotCount?: number;
  readonly sizeGiB?: number;
  readonly ended?: {
    readonly at: Instant;
    readonly status: BackupStatus;
    readonly reasons: readonly string[];
    readonly isGeneration: boolean;
    readonly recoverable: boolean;
  };
};

/** Changes a running backup in its job's transaction and tells the open consoles. */
export async function changeBackup(tx: Kysely<Database>, backup: BackupRow, change: BackupChange): Promise<void> {
  const { phase, progressPercent, startSkewMs, freezeWindowMs, snapshotCount, sizeGiB, ended } = change;
  await tx
    .updateTable('backups')
    .set({
      // An abort that came meanwhile is not overwritten.
      ...(phase === undefined
        ? {}
        : { phase: sql<BackupPhase>`case phase when 'aborting' then phase else ${phase} end` }),
      ...(progressPercent === undefined ? {} : { progress_percent: progressPercent }),
      ...(startSkewMs === undefined ? {} : { start_skew_ms: startSkewMs }),
      ...(freezeWindowMs === undefined ? {} : { freeze_window_ms: freezeWindowMs }),
      ...(snapshotCount === undefined ? {} : { snapshot_count: snapshotCount }),
      ...(sizeGiB === undefined ? {} : { size_gib: sizeGiB }),
      ...(ended === undefined
        ? {}
        : {
            phase: 'ended' as const,
            ended_at: asTimestamp(ended.at),
            status: ended.status,
            reasons: [...ended.reasons],
            is_generation: ended.isGeneration,
            recoverable: ended.recoverable,
            progress_percent: 100,
          }),
    })
    .where('id', '=', backup.id)
    .where('ended_at', 'is', null)
    .execute();
  if (ended !== undefined) await notePoints(tx, [backup.id]);
  await announce(tx, backup.ownerId, 'backup', backup.id);
}

/** Notes that a snapshot of an ended backup has completed after all: something can be recovered from it. */
export async function markRecoverable(tx: Kysely<Database>, backup: BackupRow): Promise<void> {
  if (!backup.recoverable)
    await tx.updateTable('backups').set({ recoverable: true }).where('id', '=', backup.id).execute();
  await notePoints(tx, [backup.id]);
  if (backup.recoverable) return;
  await announce(tx, backup.ownerId, 'backup', backup.id);
}

export type SkippedFiring = {
  readonly policyId: PolicyId;
  readonly dueAt: Instant;
  readonly at: Instant;
  readonly reason: string;
};

/** I4: notes that due slots made no backup, and why. Answers those of which that was not on record yet. */
export async function recordSkippedFirings<Skipped extends SkippedFiring>(
  tx: Kysely<Database>,
  skipped: readonly Skipped[],
): Promise<Skipped[]> {
  const rows = skipped.map(({ policyId, dueAt, at, reason }) => ({
    policy_id: policyId,
    due_at: asTimestamp(dueAt),
    recorded_at: asTimestamp(at),
    reason,
  }));
  const recorded = new Set<string>();
  // PostgreSQL takes 65,535 parameters a statement.
  for (let first = 0; first < rows.length; first += 1000) {
    const fresh = await tx
      .insertInto('skipped_firings')
      .values(rows.slice(first, first + 1000))
      .onConflict((conflict) => conflict.doNothing())
      .returning(['policy_id as policyId', 'due_at as dueAt'])
      .execute();
    for (const { policyId, dueAt } of fresh) recorded.add(`${policyId} ${dueAt}`);
  }
  return skipped.filter(({ policyId, dueAt }) => recorded.has(`${policyId} ${dueAt}`));
}

/** A policy's due slots that made no backup, the newest first. */
export async function listSkippedFirings(
  db: Kysely<Database>,
  policyId: PolicyId,
  page: PageQuery,
): Promise<Page<{ readonly dueAt: Instant; readonly recordedAt: Instant; readonly reason: string }>> {
  const query = db
    .selectFrom('skipped_firings')
    .select(['due_at as dueAt', 'recorded_at as recordedAt', 'reason'])
    .where('policy_id', '=', policyId);
  return pageAfter<{ dueAt: Instant; recordedAt: Instant; reason: string }>(query, page, [
    { column: 'due_at', of: (row) => row.dueAt, direction: 'desc', type: 'time' },
  ]);
}

/** Whether the slot has its backup: the answer to a firing that two schedules share. */
export async function hasBackupForSlot(db: Kysely<Database>, policyId: PolicyId, dueAt: Instant): Promise<boolean> {
  const row = await db
    .selectFrom('backups')
    .select('id')
    .where('policy_id', '=', policyId)
    .where('due_at', '=', asTimestamp(dueAt))
    .executeTakeFirst();
  return row !== undefined;
}

/** How many backups and snapshots would go with a policy: the frozen ones stay. */
export async function countKept(
  db: Kysely<Database>,
  policyId: PolicyId,
): Promise<{ readonly backups: number; readonly snapshots: number }> {
  const row = await db
    .selectFrom('backups')
    .leftJoin('snapshots', (join) =>
      join
        .onRef('snapshots.backup_id', '=', 'backups.id')
        .on('snapshots.aws_snapshot_id', 'is not', null)
        .on('snapshots.state', 'in', ['pending', 'completed', 'error']),
    )
    .select([sql<number>`count(distinct backups.id)`.as('backups'), sql<number>`count(snapshots.id)`.as('snapshots')])
    .where('backups.policy_id', '=', policyId)
    .where('backups.deleted_at', 'is', null)
    .where('backups.frozen_at', 'is', null)
    .executeTakeFirstOrThrow();
  return row;
}
