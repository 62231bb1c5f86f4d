import { CPM_TAG_KEYS, addMs, isCpmError, type AttemptId } from '@cpm/core';
import type { Selectable } from 'kysely';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf } from '../accounts/database-ports.ts';
import { deleteNamedSnapshot, describeNamedSnapshots } from '../accounts/named-snapshots.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { appendLog, warning } from '../logs/log-lines.store.ts';

/** Nothing of an attempt has ever shown up later than this. */
const SETTLED_AFTER_MS = 60 * 60_000;
const LOOK_AGAIN_MS = 10 * 60_000;

/**
 * Looks after an attempt that was given up because its answer was lost and nothing showed: what turns up late is no part of
 * a backup, so it is deleted, by the attempt's own tag and nothing else. No snapshot stays forgotten in AWS (I1).
 */
export function settleAttemptKind(context: ServerContext): JobKind<Database> {
  return { run: (job) => settleAttempt(context, job), onFailed: async () => undefined, maxAttempts: 1000 };
}

async function settleAttempt(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const { db, clock } = context;
  const attemptId = job.subjectId as AttemptId;
  const attempt = await db
    .selectFrom('abandoned_attempts')
    .selectAll()
    .where('attempt_id', '=', attemptId)
    .where('settled_at', 'is', null)
    .executeTakeFirst();
  if (attempt === undefined) return job.done();
  const now = clock.now();
  try {
    const late = await removeLate(context, attempt);
    if (late.length > 0) {
      const ids = late.join(', ');
      await job.transaction((tx) =>
        appendLog(tx, attempt.backup_id ?? attemptId, now, [
          warning(
            `${ids} of a call whose answer was lost turned up late and were deleted: they are no part of this backup`,
          ),
        ]),
      );
    }
  } catch (error) {
    if (!isCpmError(error)) throw error;
    return job.park(addMs(now, LOOK_AGAIN_MS));
  }
  if (now < attempt.abandoned_at + SETTLED_AFTER_MS) return job.park(addMs(now, LOOK_AGAIN_MS));
  return job.done(async (tx) => {
    await tx
      .updateTable('abandoned_attempts')
      .set({ settled_at: asTimestamp(now) })
      .where('attempt_id', '=', attemptId)
      .execute();
  });
}

type Abandoned = Selectable<Database['abandoned_attempts']>;

/** Deletes what shows of an attempt by now; answers what that was. */
async function removeLate(context: ServerContext, attempt: Abandoned): Promise<string[]> {
  const { account_id: accountId, attempt_id: attemptId, region, service, snapshot_name: name } = attempt;
  if (service === 'ebs' || name === null) {
    const ec2 = ec2Of(context, accountId, region, { priority: 'background' });
    const late = await ec2.findSnapshotsByTag(CPM_TAG_KEYS.attempt, [attemptId]);
    for (const { awsSnapshotId } of late) await ec2.deleteSnapshot(awsSnapshotId);
    return late.map(({ awsSnapshotId }) => awsSnapshotId);
  }
  const ports = databasePortsOf(context, accountId, region, { priority: 'background' });
  const [late] = await describeNamedSnapshots(ports, service, [name]);
  if (late?.tags[CPM_TAG_KEYS.attempt] !== attemptId) return [];
  return (await deleteNamedSnapshot(ports, service, name)) === 'deleted' ? [name] : [];
}
