import {
  foreignBecause,
  isCpmError,
  keyOf,
  type BackupId,
  type Difference,
  type Instant,
  type SeenSnapshot,
} from '@cpm/core';
import { sql, type Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, warning } from '../logs/log-lines.store.ts';
import { snapshotDoor } from '../retention/snapshot-door.ts';
import { settleOne, type Place } from './findings.store.ts';

const REASON = 'left over of a call whose answer was lost; no backup needs it';

type Leftovers = {
  readonly place: Place;
  /** What is believed and showed at this look. */
  readonly believed: readonly Difference[];
  readonly seen: readonly SeenSnapshot[];
};

type Leftover = Difference & { readonly backupId: BackupId };

/**
 * Deletes what CPM's own attempts left in AWS and no backup wants: seen twice, named by a known attempt of an ended backup,
 * with the tags of this installation and that backup. Each by its own id, and with a line in the ledger first.
 */
export async function removeLeftovers(
  context: ServerContext,
  job: JobContext<Database>,
  { place, believed, seen }: Leftovers,
): Promise<void> {
  const { clock, installationId } = context;
  const tagsOf = new Map(seen.map((snapshot) => [keyOf(snapshot), snapshot.tags]));
  for (const leftover of believed) {
    const { kind, backupId } = leftover;
    if (kind !== 'leftover' || backupId === null) continue;
    const tags = tagsOf.get(keyOf(leftover));
    if (tags === undefined || foreignBecause(tags, { installationId, backupId }) !== null) continue;
    const mine = { ...leftover, backupId };
    const isNoted = await job.transaction((tx) => writeLedger(tx, place, { leftover: mine, now: clock.now() }));
    if (isNoted) await removeOne(context, job, { place, leftover: mine });
  }
}

async function removeOne(
  context: ServerContext,
  job: JobContext<Database>,
  { place, leftover }: { readonly place: Place; readonly leftover: Leftover },
): Promise<void> {
  const { clock } = context;
  const { service, awsSnapshotId, backupId } = leftover;
  try {
    const answer = await snapshotDoor(context, { ...place, service }).remove(awsSnapshotId);
    const state = answer === 'deleted' ? ('deleted' as const) : ('gone' as const);
    await job.transaction(async (tx) => {
      const now = clock.now();
      await endLedger(tx, place, { leftover, state, message: null, now });
      await settleOne(tx, place, { kind: 'leftover', service, awsSnapshotId, message: `removed: ${REASON}`, now });
      await appendLog(tx, backupId, now, [
        warning(`${awsSnapshotId} of a call whose answer was lost was found and deleted: it is no part of this backup`),
      ]);
    });
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    const message = describeError(error);
    await job.transaction((tx) => endLedger(tx, place, { leftover, state: 'kept', message, now: clock.now() }));
  }
}

/**
 * Record before delete. Answers false, and it stays, where the backup's record is gone, so that nobody says whose it is, or
 * where any record at all holds the snapshot.
 */
async function writeLedger(
  tx: Transaction<Database>,
  { accountId, region }: Place,
  { leftover, now }: { readonly leftover: Leftover; readonly now: Instant },
): Promise<boolean> {
  const { service, awsSnapshotId, backupId } = leftover;
  const { rows } = await sql`
    insert into deletions (id, owner_id, account_id, account_name, policy_name, backup_id, region, service, aws_snapshot_id,
      source_id, reason, marked_at, state, tried_at)
    select gen_random_uuid(), owner_id, account_id, account_name, policy_name, id, ${region}, ${service}, ${awsSnapshotId},
      '', ${REASON}, ${asTimestamp(now)}, 'waiting', ${asTimestamp(now)}
    from backups
    where id = ${backupId} and account_id = ${accountId} and ended_at is not null
      and not exists (select from snapshots where aws_snapshot_id = ${awsSnapshotId} and service = ${service})
    on conflict (account_id, region, service, aws_snapshot_id) do update set state = 'waiting', tried_at = excluded.tried_at,
      ended_at = null
    returning id`.execute(tx);
  return rows.length > 0;
}

type Ended = {
  readonly leftover: Leftover;
  readonly state: 'deleted' | 'gone' | 'kept';
  readonly message: string | null;
  readonly now: Instant;
};

async function endLedger(
  tx: Transaction<Database>,
  { accountId, region }: Place,
  { leftover, state, message, now }: Ended,
): Promise<void> {
  await tx
    .updateTable('deletions')
    .set({ state, message, ended_at: state === 'kept' ? null : asTimestamp(now) })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('service', '=', leftover.service)
    .where('aws_snapshot_id', '=', leftover.awsSnapshotId)
    .execute();
}
