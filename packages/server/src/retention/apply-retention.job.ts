import { addMs, decideRetention, MINUTE_MS, type Instant, type PolicyId, type RetentionBackup } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { keepRecordDays } from '../settings/record-days.ts';
import { deleteMarked } from './delete-marked.ts';
import { markForDeletion, unmark } from './deletions.store.ts';
import {
  deletePolicyRow,
  findRetentionBackups,
  findRetentionRule,
  lockRetentionBackups,
  type PolicyRule,
} from './retention.store.ts';

/** A removed policy waits so long for a recovery that still reads one of its backups. */
const RECOVERY_AGAIN_MS = MINUTE_MS;

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
  const keepDays = await keepRecordDays(context);
  await job.transaction((tx) => decideAndMark(tx, policyId, { rule, keepDays, now: clock.now() }));
  const { ownerId, name, isRemoved } = rule;
  const scope = { marked: { policyId }, ownerId, accountId: null, policyId, of: `the policy ${name}` };
  const tryAgainAt = await deleteMarked(context, job, scope);
  const isWaiting = isRemoved && (await findRetentionBackups(db, policyId)).some(({ isInRecovery }) => isInRecovery);
  const times = [tryAgainAt, isWaiting ? addMs(clock.now(), RECOVERY_AGAIN_MS) : null].filter((at) => at !== null);
  if (times.length > 0) return job.park(Math.min(...times) as Instant);
  return job.done(isRemoved ? (tx) => deletePolicyRow(tx, policyId) : undefined);
}

type Rule = { readonly rule: PolicyRule; readonly keepDays: number; readonly now: Instant };

/** The first phase: decides about the policy's backups as they are now, and commits the marks with their reasons. */
async function decideAndMark(
  tx: Transaction<Database>,
  policyId: PolicyId,
  { rule, keepDays, now }: Rule,
): Promise<void> {
  const backups = await lockRetentionBackups(tx, policyId);
  const decisions = rule.isRemoved
    ? backups
        .filter(goesWithPolicy)
        .map(({ id }) => ({ id, action: 'delete' as const, reason: 'its policy was deleted' }))
    : decideRetention(backups, { generations: rule.generations, keepRecordDays: keepDays, now });
  const byId = new Map(backups.map((backup) => [backup.id, backup]));
  for (const { id, action, reason } of decisions) {
    const isMarked = byId.get(id)?.isMarked === true;
    if (action !== 'keep' && !isMarked) {
      await markForDeletion(tx, rule.ownerId, { backupId: id, at: now, reason, by: null });
      await appendLog(tx, id, now, [info(`marked for deletion: ${reason}`)]);
    }
    if (action === 'keep' && isMarked) await unmark(tx, rule.ownerId, id);
  }
}

/** What is frozen outlives its policy; what a recovery reads waits for its end. */
const goesWithPolicy = ({ isFrozen, isInRecovery, isRunning }: RetentionBackup): boolean =>
  !isFrozen && !isInRecovery && !isRunning;
