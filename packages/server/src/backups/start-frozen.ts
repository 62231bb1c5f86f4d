import { addMs, argumentOfAfter, type Instant, type StepResult } from '@cpm/core';
import { systemClock } from '../clock.ts';
import { counted } from '../logs/counted.ts';
import { appendLog, info, type NewLogLine } from '../logs/log-lines.store.ts';
import { LOST_END } from '../scripts/record-step.ts';
import type { BackupRun } from './backup-run.ts';
import { findScriptRecords, runStep, type BackupScripts, type BegunScript } from './backup-scripts.ts';
import { changeBackup } from './backups.store.ts';
import { announceBursts, findBursts, reserveBursts, roomForBursts, sendBursts, type Burst } from './snapshot-bursts.ts';

/** An application is not frozen before AWS has room for all its snapshots; but that is not waited for longer than this. */
const ROOM_WITHIN_MS = 15 * 60_000;
/** A region that does not answer must not keep the application frozen (F11): its calls are then settled like lost ones. */
const LONGEST_FREEZE_MS = 10_000;
/** Making the calls ready to be sent is work, and nothing may stand in its way. */
const CALLS_GO_FIRST_MS = 25;
/** An application stands still in real time, whatever clock the jobs live by. */
const clock = systemClock();

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
  // Its process is there before anything is frozen; what it is told is what a "before" that succeeds has it told.
  const giveUp = await scripts.hold('after', argumentOfAfter({ ended: 'succeeded' }));
  try {
    await freeze(run, scripts, reserved.bursts);
  } finally {
    giveUp();
    reserved.release();
  }
  return null;
}

const NOTHING_SENT = { answered: Promise.resolve(), recorded: Promise.resolve() };

async function freeze(run: BackupRun, scripts: BackupScripts, bursts: readonly Burst[]): Promise<void> {
  const { context, job, backup } = run;
  const runBefore = await scripts.begin('before', null);
  // One commit between "before" and the calls: its end, and that they are about to be sent.
  const before = await runBefore((tx) => announceBursts(tx, run, bursts));
  // It was running when an earlier server ended: the application may have been frozen ever since.
  const wasLost = 'reason' in before && before.reason.startsWith(LOST_END);
  const sinceMs = context.clock.monotonicMs();
  const isSent = !wasLost && !job.cancelRequested;
  const thawed = Promise.withResolvers<void>();
  const { answered, recorded } = isSent ? sendBursts(run, bursts, thawed.promise) : NOTHING_SENT;
  const thawing = beginAfter(scripts, before, answered);
  let freezeWindowMs: number;
  let after: Promise<StepResult>;
  try {
    await Promise.all([atMost(LONGEST_FREEZE_MS, answered), thawing]);
    freezeWindowMs = Math.round(context.clock.monotonicMs() - sinceMs);
    const runAfter = await thawing;
    after = runAfter();
  } finally {
    thawed.resolve();
  }
  await after;
  await recorded;
  if (bursts.length === 0) return;
  await job.transaction(async (tx) => {
    await changeBackup(tx, backup, { freezeWindowMs });
    if (isSent) await appendLog(tx, backup.id, context.clock.now(), [describeFreeze(bursts, freezeWindowMs)]);
  });
}

/** Puts "after" on record while the calls are on their way, so that nothing is left to do then but to let it begin. */
async function beginAfter(scripts: BackupScripts, before: StepResult, answered: Promise<void>): Promise<BegunScript> {
  await atMost(CALLS_GO_FIRST_MS, answered);
  return scripts.begin('after', argumentOfAfter(before));
}

/** What is settled after the thaw is logged after it: the reader is told that the calls came before. */
function describeFreeze(bursts: readonly Burst[], freezeWindowMs: number): NewLogLine {
  const calls = bursts.reduce((sum, each) => sum + each.attempts.length + each.databaseAttempts.length, 0);
  return info(`${counted(calls, 'snapshot call')} went out between "before" and "after", within ${freezeWindowMs} ms`);
}

async function thaw(scripts: BackupScripts, before: StepResult): Promise<void> {
  await runStep(scripts, 'after', argumentOfAfter(before));
}

/** Waits for the work, but not longer than that; it goes on all the same. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const cancel = clock.after(ms, patience.resolve);
  // An error is thrown where the work itself is awaited.
  await Promise.race([work.catch(() => undefined), patience.promise]);
  cancel();
}
