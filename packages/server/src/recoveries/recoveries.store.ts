import { randomUUID } from 'node:crypto';
import {
  cpmError,
  type AccountId,
  type BackupId,
  type BackupStatus,
  type Instant,
  type PolicyId,
  type RecoveryId,
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
  readonly kind: 'volumes' | 'instance';
  readonly region: string;
  readonly sourceName: string;
  readonly inputs: Record<string, unknown>;
  readonly sealedPlan: Buffer;
  readonly warnings: string[];
  readonly status: BackupStatus | null;
  readonly step: string;
  readonly progressPercent: number;
  readonly reasons: string[];
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
};

/** Something that a recovery makes; the row is written before the call (I8). */
export type ObjectRow = {
  readonly id: string;
  readonly recoveryId: RecoveryId;
  readonly position: number;
  readonly kind: 'volume' | 'instance' | 'image' | 'attachment';
  readonly region: string;
  /** The client token, or part of the name, that finds it again after a lost answer. */
  readonly token: string;
  readonly awsId: string | null;
  readonly state: 'creating' | 'kept' | 'removed' | 'failed';
  readonly note: string;
  readonly madeAt: Instant;
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
  'reasons',
  'started_at as startedAt',
  'ended_at as endedAt',
] as const;

/** What binds a sealed plan to its row. */
export const planBinding = (recoveryId: RecoveryId): string => `recoveries/${recoveryId}`;

/** Stores a recovery that was planned; its job goes into the same transaction. */
export async function createRecovery(tx: Kysely<Database>, recovery: RecoveryRow): Promise<void> {
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
      step: recovery.step,
      progress_percent: 0,
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
  page: PageQuery & { readonly backupId?: BackupId | undefined },
): Promise<Page<RecoveryRow>> {
  let query = db.selectFrom('recoveries').select(columns).where('owner_id', '=', ownerId);
  if (page.backupId !== undefined) query = query.where('backup_id', '=', page.backupId);
  return pageAfter<RecoveryRow>(query, page, [
    { column: 'started_at', of: (row) => row.startedAt, direction: 'desc', type: 'time' },
    { column: 'id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

export type RecoveryChange = {
  readonly step?: string;
  readonly progressPercent?: number;
  readonly ended?: { readonly at: Instant; readonly status: BackupStatus; readonly reasons: readonly string[] };
};

/** Changes a running recovery in its job's transaction and tells the open consoles. */
export async function changeRecovery(
  tx: Kysely<Database>,
  recovery: RecoveryRow,
  change: RecoveryChange,
): Promise<void> {
  const { step, progressPercent, ended } = change;
  await tx
    .updateTable('recoveries')
    .set({
      ...(step === undefined ? {} : { step }),
      ...(progressPercent === undefined ? {} : { progress_percent: progressPercent }),
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

const objectColumns = [
  'id',
  'recovery_id as recoveryId',
  'position',
  'kind',
  'region',
  'token',
  'aws_id as awsId',
  'state',
  'note',
  'made_at as madeAt',
] as const;

/** Everything that recoveries made or tried to, in order. */
export async function findObjects(db: Kysely<Database>, recoveryIds: readonly RecoveryId[]): Promise<ObjectRow[]> {
  if (recoveryIds.length === 0) return [];
  return db
    .selectFrom('recovery_objects')
    .select(objectColumns)
    .where('recovery_id', 'in', recoveryIds)
    .orderBy('recovery_id')
    .orderBy('position')
    .execute();
}

export type NewObject = {
  readonly kind: ObjectRow['kind'];
  readonly awsId?: string | null;
  readonly state?: ObjectRow['state'];
  readonly note: string;
};

/** Writes down what is going to be made, before it is; each gets a token of its own. */
export async function addObjects(
  tx: Kysely<Database>,
  recovery: RecoveryRow,
  objects: readonly NewObject[],
  at: Instant,
): Promise<ObjectRow[]> {
  if (objects.length === 0) return [];
  const { length: first } = await findObjects(tx, [recovery.id]);
  return tx
    .insertInto('recovery_objects')
    .values(
      objects.map(({ kind, awsId = null, state = 'creating', note }, index) => ({
        id: randomUUID(),
        recovery_id: recovery.id,
        position: first + index,
        kind,
        region: recovery.region,
        token: randomUUID(),
        aws_id: awsId,
        state,
        note,
        made_at: asTimestamp(at),
      })),
    )
    .returning(objectColumns)
    .execute();
}

/** Writes what became of an object. */
export async function changeObject(
  tx: Kysely<Database>,
  objectId: string,
  change: { readonly awsId?: string; readonly state?: ObjectRow['state']; readonly note?: string },
): Promise<void> {
  const { awsId, state, note } = change;
  await tx
    .updateTable('recovery_objects')
    .set({
      ...(awsId === undefined ? {} : { aws_id: awsId }),
      ...(state === undefined ? {} : { state }),
      ...(note === undefined ? {} : { note }),
    })
    .where('id', '=', objectId)
    .execute();
}
