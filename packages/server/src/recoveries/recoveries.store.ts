import {
  cpmError,
  percentOfSteps,
  type AccountId,
  type BackupId,
  type BackupStatus,
  type Instant,
  type PlannedObject,
  type PolicyId,
  type RecoveryId,
  type RecoveryKind,
  type UserId,
} from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

export type RecoveryRow = {
  readonly id: RecoveryId;
  readonly ownerId: UserId;
  readonly backupId: BackupId;
  readonly policyId: PolicyId | null;
  readonly policyName: string;
  readonly accountId: AccountId;
  readonly accountName: string;
  readonly kind: RecoveryKind;
  readonly region: string;
  readonly sourceName: string;
  readonly inputs: Record<string, unknown>;
  readonly sealedPlan: Buffer;
  readonly warnings: string[];
  readonly status: BackupStatus | null;
  readonly step: string;
  readonly progressPercent: number;
  readonly steps: string[];
  readonly stepNumber: number;
  readonly planned: PlannedObject[];
  /** Given for this recovery alone, and held in memory only (REC-2). */
  readonly usesOwnCredentials: boolean;
  readonly groupId: string | null;
  readonly settled: 'kept' | 'rolling-back' | 'rolled-back' | 'roll-back-failed' | null;
  readonly settledReasons: string[];
  readonly reasons: string[];
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
};

const columns = [
  'id',
  'owner_id as ownerId',
  'backup_id as backupId',
  'policy_id as policyId',
  'policy_name as policyName',
  'account_id as accountId',
  'account_name as accountName',
  'kind',
  'region',
  'source_name as sourceName',
  'inputs',
  'sealed_plan as sealedPlan',
  'warnings',
  'status',
  'step',
  'progress_percent as progressPercent',
  'steps',
  'step_number as stepNumber',
  'planned',
  'uses_own_credentials as usesOwnCredentials',
  'group_id as groupId',
  'settled',
  'settled_reasons as settledReasons',
  'reasons',
  'started_at as startedAt',
  'ended_at as endedAt',
] as const;

/** What binds a sealed plan to its row. */
export const planBinding = (recoveryId: RecoveryId): string => `recoveries/${recoveryId}`;

/** A recovery as it begins. */
export type NewRecovery = Omit<
  RecoveryRow,
  'status' | 'step' | 'progressPercent' | 'stepNumber' | 'settled' | 'settledReasons' | 'reasons' | 'endedAt'
>;

/** Stores a recovery that was planned; its job goes into the same transaction. */
export async function createRecovery(tx: Kysely<Database>, recovery: NewRecovery): Promise<void> {
  await tx
    .insertInto('recoveries')
    .values({
      id: recovery.id,
      owner_id: recovery.ownerId,
      backup_id: recovery.backupId,
      policy_id: recovery.policyId,
      policy_name: recovery.policyName,
      account_id: recovery.accountId,
      account_name: recovery.accountName,
      kind: recovery.kind,
      region: recovery.region,
      source_name: recovery.sourceName,
      inputs: JSON.stringify(recovery.inputs),
      sealed_plan: recovery.sealedPlan,
      warnings: [...recovery.warnings],
      status: null,
      step: 'waiting to start',
      progress_percent: 0,
      steps: [...recovery.steps],
      planned: JSON.stringify(recovery.planned),
      uses_own_credentials: recovery.usesOwnCredentials,
      group_id: recovery.groupId,
      reasons: [],
      started_at: asTimestamp(recovery.startedAt),
    })
    .execute();
  await announce(tx, recovery.ownerId, 'recovery', recovery.id);
}

/** One recovery of the owner; throws `not_found` for an unknown or another owner's. */
export async function findRecovery(
  db: Kysely<Database>,
  ownerId: UserId,
  recoveryId: RecoveryId,
): Promise<RecoveryRow> {
  const row = await db
    .selectFrom('recoveries')
    .select(columns)
    .where('owner_id', '=', ownerId)
    .where('id', '=', recoveryId)
    .executeTakeFirst();
  if (row === undefined) throw cpmError('not_found', { params: { noun: 'recovery' } });
  return row;
}

/** A recovery for its job, which acts for its owner. */
export async function findRecoveryForJob(db: Kysely<Database>, recoveryId: RecoveryId): Promise<RecoveryRow> {
  return db.selectFrom('recoveries').select(columns).where('id', '=', recoveryId).executeTakeFirstOrThrow();
}

/** The owner's recoveries, newest first. */
export async function listRecoveries(
  db: Kysely<Database>,
  ownerId: UserId,
  page: PageQuery & { readonly backupId?: BackupId | undefined; readonly groupId?: string | undefined },
): Promise<Page<RecoveryRow>> {
  let query = db.selectFrom('recoveries').select(columns).where('owner_id', '=', ownerId);
  if (page.backupId !== undefined) query = query.where('backup_id', '=', page.backupId);
  if (page.groupId !== undefined) query = query.where('group_id', '=', page.groupId);
  return pageAfter<RecoveryRow>(query, page, [
    { column: 'started_at', of: (row) => row.startedAt, direction: 'desc', type: 'time' },
    { column: 'id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

/** The newest recovery from the backups of each policy, one look into an index for each (POL-9). */
export async function findLastRecoveries(
  db: Kysely<Database>,
  policyIds: readonly PolicyId[],
): Promise<Map<PolicyId, Pick<RecoveryRow, 'id' | 'startedAt' | 'status' | 'progressPercent'>>> {
  if (policyIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('policies')
    .innerJoinLateral(
      (from) =>
        from
          .selectFrom('recoveries')
          .select(['recoveries.id', 'started_at as startedAt', 'status', 'progress_percent as progressPercent'])
          .whereRef('recoveries.policy_id', '=', 'policies.id')
          .orderBy('started_at', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .select(['policies.id as policyId', 'last.id', 'last.startedAt', 'last.status', 'last.progressPercent'])
    .where('policies.id', 'in', policyIds)
    .execute();
  return new Map(rows.map(({ policyId, ...last }) => [policyId, last]));
}

export type RecoveryChange = {
  /** Which of its steps is under way now, counted from 0. */
  readonly stepNumber?: number;
  readonly ended?: { readonly at: Instant; readonly status: BackupStatus; readonly reasons: readonly string[] };
};

/** Changes a running recovery in its job's transaction and tells the open consoles. */
export async function changeRecovery(
  tx: Kysely<Database>,
  recovery: RecoveryRow,
  { stepNumber, ended }: RecoveryChange,
): Promise<void> {
  const { steps } = recovery;
  await tx
    .updateTable('recoveries')
    .set({
      ...(stepNumber === undefined
        ? {}
        : {
            step_number: stepNumber,
            step: steps[stepNumber] ?? '',
            progress_percent: percentOfSteps(steps.length, stepNumber),
          }),
      ...(ended === undefined
        ? {}
        : {
            ended_at: asTimestamp(ended.at),
            status: ended.status,
            reasons: [...ended.reasons],
            step: '',
            progress_percent: 100,
          }),
    })
    .where('id', '=', recovery.id)
    .where('ended_at', 'is', null)
    .execute();
  await announce(tx, recovery.ownerId, 'recovery', recovery.id);
}

/** What a decision about the things that a recovery made may follow on; null while there was none. */
const BEFORE: Readonly<Record<NonNullable<RecoveryRow['settled']>, readonly RecoveryRow['settled'][]>> = {
  kept: [null, 'roll-back-failed'],
  'rolling-back': [null, 'roll-back-failed'],
  'rolled-back': ['rolling-back'],
  'roll-back-failed': ['rolling-back'],
};

/** Writes what becomes of the things that an ended recovery made; answers whether that could still be decided. */
export async function settleRecovery(
  tx: Kysely<Database>,
  recovery: RecoveryRow,
  settled: NonNullable<RecoveryRow['settled']>,
  reasons: readonly string[] = [],
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('recoveries')
    .set({ settled, settled_reasons: [...reasons] })
    .where('id', '=', recovery.id)
    .where('ended_at', 'is not', null)
    .where((each) => {
      const before = BEFORE[settled];
      const isBefore = each(
        'settled',
        'in',
        before.filter((from) => from !== null),
      );
      return before.includes(null) ? each.or([each('settled', 'is', null), isBefore]) : isBefore;
    })
    .executeTakeFirst();
  await announce(tx, recovery.ownerId, 'recovery', recovery.id);
  return numUpdatedRows > 0n;
}
