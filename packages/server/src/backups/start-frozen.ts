import { addMs, argumentOfAfter, type Instant, type StepResult } from '@cpm/core';
import { systemClock } from '../clock.ts';
import { counted } from '../logs/counted.ts';
import { appendLog, info, type NewLogLine } from '../logs/log-lines.store.ts';
import { LOST_END } from '../scripts/record-step.ts';
import type { BackupRun } from './backup-run.ts';
import { findScriptRecords, type BackupScripts } from './backup-scripts.ts';
import { changeBackup } from './backups.store.ts';
import { findBursts, reserveBursts, roomForBursts, sendBursts, type Burst } from './snapshot-bursts.ts';

/** An application is not frozen before AWS has room for all its snapshots; but that is not waited for longer than this. */
const ROOM_WITHIN_MS = 15 * 60_000;
/** A region that does not answer must not keep the application frozen (F11): its calls are then settled like lost ones. */
const LONGEST_FREEZE_MS = 10_000;
/** An application stands still in real time, whatever clock the jobs live by. */
const { after } = systemClock();

/**
 * The part of a backup in which an application stands still (BKP-1): "before", then nothing but the snapshot calls of all
 * regions at once until each has its answer or none will come, then "after". What AWS put off or left unanswered does not
 * keep the application frozen: it is settled afterwards. Entered again it does what is left; answers when to come back, null
 * when it is over.
 */
export async function startFrozen(run: BackupRun, scripts: BackupScripts): Promise<Instant | null> {
  const { context, job, backup } = run;
  const records = await findScriptRecords(context.db, backup);
  if (records.has('after') && records.get('after')?.state !== 'started') return null;
  const before = records.get('before');
  if (before !== undefined && before.state !== 'started') {
    // The server ended in between: thaw before anything else (F22).
    await thaw(scripts, before.state === 'succeeded' ? { ended: 'succeeded' } : { ended: 'failed', reason: '' });
    return null;
  }
  if (before !== undefined) {
    await freeze(run, scripts, await findBursts(run));
    return null;
  }
  const bursts = job.cancelRequested ? [] : await findBursts(run);
  // Nothing to freeze for: an application is left alone.
  if (bursts.length === 0) return null;
  const mayWait = context.clock.now() < addMs(backup.startedAt, ROOM_WITHIN_MS);
  const lookAgainAt = mayWait ? await roomForBursts(run, bursts) : null;
  if (lookAgainAt !== null) return lookAgainAt;
  const reserved = await reserveBursts(run, bursts);
  if (reserved === null) return null;
  try {
    await freeze(run, scripts, reserved.bursts);
  } finally {
    reserved.release();
  }
  return null;
}

async function freeze(run: BackupRun, scripts: BackupScripts, bursts: readonly Burst[]): Promise<void> {
  const { context, job, backup } = run;
  const before = await scripts.run('before', null);
  // It was running when an earlier server ended: the application may have been frozen ever since.
  const wasLost = 'reason' in before && before.reason.startsWith(LOST_END);
  const sinceMs = context.clock.monotonicMs();
  const isSent = !wasLost && !job.cancelRequested;
  const sent = isSent ? sendBursts(run, bursts) : Promise.resolve();
  await atMost(LONGEST_FREEZE_MS, sent);
  const freezeWindowMs = Math.round(context.clock.monotonicMs() - sinceMs);
  await thaw(scripts, before);
  await sent;
  if (bursts.length === 0) return;
  await job.transaction(async (tx) => {
    await changeBackup(tx, backup, { freezeWindowMs });
    if (isSent) await appendLog(tx, backup.id, context.clock.now(), [describeFreeze(bursts, freezeWindowMs)]);
  });
}

/** What is settled after the thaw is logged after it: the reader is told that the calls came before. */
function describeFreeze(bursts: readonly Burst[], freezeWindowMs: number): NewLogLine {
  const calls = bursts.reduce((sum, each) => sum + each.attempts.length + each.databaseAttempts.length, 0);
  return info(`${counted(calls, 'snapshot call')} went out between "before" and "after", within ${freezeWindowMs} ms`);
}

async function thaw(scripts: BackupScripts, before: StepResult): Promise<void> {
  await scripts.run('after', argumentOfAfter(before));
}

/** Waits for the work, but not longer than that; it goes on all the same. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const cancel = after(ms, patience.resolve);
  // An error is thrown where the work itself is awaited.
  await Promise.race([work.catch(() => undefined), patience.promise]);
  cancel();
}
