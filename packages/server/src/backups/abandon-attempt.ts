import {
  addMs,
  type AccountId,
  type AttemptId,
  type BackupId,
  type DatabaseService,
  type Instant,
  type UserId,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { enqueueJob } from '../engine/jobs.ts';

export const SETTLE_ATTEMPT = 'settle-attempt';
const FIRST_LOOK_MS = 10 * 60_000;

export type AbandonedAttempt = {
  readonly attemptId: AttemptId;
  readonly backupId: BackupId;
  readonly ownerId: UserId;
  readonly accountId: AccountId;
  readonly region: string;
  readonly at: Instant;
  /** Of a database or cluster: which service, and the name that its snapshot would bear. */
  readonly database?: { readonly service: DatabaseService; readonly snapshotName: string } | undefined;
};

/** Remembers an attempt that may yet turn up in AWS, and has it looked after: what it made is no part of any backup. */
export async function abandonAttempt(tx: Transaction<Database>, attempt: AbandonedAttempt): Promise<void> {
  const { attemptId, backupId, ownerId, accountId, region, at, database } = attempt;
  await tx
    .insertInto('abandoned_attempts')
    .values({
      attempt_id: attemptId,
      owner_id: ownerId,
      account_id: accountId,
      backup_id: backupId,
      region,
      abandoned_at: asTimestamp(at),
      ...(database === undefined ? {} : { service: database.service, snapshot_name: database.snapshotName }),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const wakeAt = addMs(at, FIRST_LOOK_MS);
  await enqueueJob(tx, { kind: SETTLE_ATTEMPT, subjectId: attemptId, ownerId, uniqueKey: attemptId, wakeAt });
}
