import { awsCodeOf } from '@cpm/aws/port';
import {
  addMs,
  decideRetention,
  isCpmError,
  isWorthRetrying,
  type Instant,
  type PolicyId,
  type RetentionBackup,
} from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, info, warning } from '../logs/log-lines.store.ts';
import {
  closeDeletedBackups,
  deletePolicyRow,
  findRetentionBackups,
  findRetentionRule,
  findSnapshotsToDelete,
  markForDeletion,
  nextDeletionAt,
  recordDeletions,
  unmark,
  type Deletion,
  type SnapshotToDelete,
} from './retention.store.ts';

/** How long records of backups that hold nothing are kept, until the setting of RET-4 says otherwise. */
const KEEP_RECORD_DAYS = 90;
/** A snapshot that AWS will not delete now (in use by an image, locked) is tried again at the next cleanup, not before (F14). */
const REFUSED_AGAIN_MS = 6 * 3600_000;
const PASSING_AGAIN_MS = 60_000;
const AT_ONCE = 100;

/**
 * Retention of one policy in two phases (F15): what goes is marked and committed with its reason, then deleted in AWS and
 * confirmed. A kill between any two of these leaves at least the good generations; the next run goes on from the marks.
 */
export function applyRetentionKind(context: ServerContext): JobKind<Database> {
  return { run: (job) => applyRetention(context, job), onFailed: async () => undefined, maxAttempts: 100 };
}

async function applyRetention(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const { db, clock } = context;
  const policyId = job.subjectId as PolicyId;
  const rule = await findRetentionRule(db, policyId);
  if (rule === null) return job.done();

  // 1. Decide and mark, in one transaction.
  await job.transaction(async (tx) => {
    const backups = await findRetentionBackups(tx, policyId);
    const now = clock.now();
    const decisions = rule.isRemoved
      ? backups.map(({ id }) => ({ id, action: 'delete' as const, reason: 'its policy was deleted' }))
      : decideRetention(backups, { generations: rule.generations, keepRecordDays: KEEP_RECORD_DAYS, now });
    const byId = new Map(backups.map((backup) => [backup.id, backup]));
    for (const { id, action, reason } of decisions) {
      if (action !== 'keep' && byId.get(id)?.isMarked === false) {
        await markForDeletion(tx, rule.ownerId, { backupId: id, at: now, reason });
        await appendLog(tx, id, now, [info(`marked for deletion: ${reason}`)]);
      }
      if (action === 'keep' && isMarked(byId.get(id))) await unmark(tx, rule.ownerId, id);
    }
  });

  // 2. Delete what is marked, and write down each answer as it comes.
  const waiting = await findSnapshotsToDelete(db, policyId);
  const due = waiting.filter(({ nextDeletionAt: at }) => at === null || at <= clock.now());
  for (let first = 0; first < due.length; first += AT_ONCE) {
    const deletions = await Promise.all(due.slice(first, first + AT_ONCE).map((each) => deleteOne(context, each)));
    await job.transaction((tx) => saveDeletions(tx, { deletions, due, now: clock.now() }));
  }

  // 3. Close what is empty now.
  await job.transaction(async (tx) => {
    for (const id of await closeDeletedBackups(tx, policyId, rule.ownerId, clock.now())) {
      await appendLog(tx, id, clock.now(), [info('its snapshots are deleted')]);
    }
  });
  const tryAgainAt = nextDeletionAt(await findSnapshotsToDelete(db, policyId), clock.now());
  if (tryAgainAt !== null) return job.park(tryAgainAt);
  return job.done(rule.isRemoved ? (tx) => deletePolicyRow(tx, policyId) : undefined);
}

const isMarked = (backup: RetentionBackup | undefined): boolean => backup?.isMarked === true;

async function deleteOne(context: ServerContext, snapshot: SnapshotToDelete): Promise<Deletion> {
  const { id, accountId, region, awsSnapshotId } = snapshot;
  try {
    await ec2Of(context, accountId, region, { priority: 'background' }).deleteSnapshot(awsSnapshotId);
    return { id, kept: null };
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    const pauseMs = isWorthRetrying(error) ? PASSING_AGAIN_MS : REFUSED_AGAIN_MS;
    return { id, kept: reasonOf(error), tryAgainAt: addMs(context.clock.now(), pauseMs) };
  }
}

function reasonOf(error: unknown): string {
  const code = awsCodeOf(error);
  if (code === 'InvalidSnapshot.InUse') return `kept for now: an image uses it. ${describeError(error)}`;
  return `kept for now: ${describeError(error)}`;
}

type Answers = {
  readonly deletions: readonly Deletion[];
  readonly due: readonly SnapshotToDelete[];
  readonly now: Instant;
};

async function saveDeletions(
  tx: Parameters<typeof recordDeletions>[0],
  { deletions, due, now }: Answers,
): Promise<void> {
  await recordDeletions(tx, deletions);
  const byId = new Map(due.map((snapshot) => [snapshot.id, snapshot]));
  for (const deletion of deletions) {
    const snapshot = byId.get(deletion.id);
    if (deletion.kept === null || snapshot === undefined) continue;
    await appendLog(tx, snapshot.backupId, now, [
      warning(`${snapshot.awsSnapshotId} is not deleted: ${deletion.kept}`),
    ]);
  }
}
