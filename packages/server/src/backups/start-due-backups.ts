import { formatInstant, nextRun, type BackupId, type Instant, type ScheduleId } from '@cpm/core';
import type { Transaction } from 'kysely';
import { raiseAlert } from '../alerts/alerts.store.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { transaction } from '../db/transaction.ts';
import { appendLog, info, warning } from '../logs/log-lines.store.ts';
import { findPoliciesToFire, type FiredPolicy } from '../policies/policies.store.ts';
import {
  advanceSchedules,
  earliestDueAt,
  findDue,
  takeDueSchedules,
  type Due,
  type StoredSchedule,
} from '../schedules/schedules.store.ts';
import { findSettings } from '../settings/settings.store.ts';
import {
  createBackups,
  findLastBackups,
  findRunningBackup,
  hasBackupForSlot,
  recordSkippedFirings,
  type SkippedFiring,
} from './backups.store.ts';
import { enqueueBackups } from './run-backup.ts';

const MISSED = 'the server was not running at that time';
const STILL_RUNNING = 'the backup before it was still running';
/** So many schedules are fired in one transaction. */
const MOST_AT_ONCE = 500;
/** Schedules that are due at the same moment are divided among so many transactions at the same time: two cores write best so. */
const LANES = 2;
/** The first jobs of more policies than that would be in the way of the last records. */
const VERY_MANY = 100;
/** So many missed firings of one schedule are recorded in one transaction; a longer outage takes several. */
const MOST_SLOTS = 50;
/** A firing that is later than this was missed, not delayed: the server was down, or its database (SCH-6). */
const LATE_AFTER_MS = 5 * 60_000;

/** When the first schedule falls due: what the ticker's one timer is set to. */
export const nextFiringAt = (context: ServerContext): Promise<Instant | null> => earliestDueAt(context.db);

/**
 * Fires every schedule that is due, each in one transaction with its move to the next firing: a crash loses no slot and
 * doubles none. A slot makes one backup, or one record of why it made none (I4), also each one that an outage missed.
 * Of very many policies each is on record before the first of them runs: that is what `doFirst` of the worker sees to.
 */
export async function startDueBackups(
  context: ServerContext,
  now: Instant,
  doFirst: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const due = await findDue(context.db, now);
  if (due === null) return;
  const work = () => fireAll(context, now, due);
  await (due.policies > VERY_MANY ? doFirst(work) : work());
}

async function fireAll(context: ServerContext, now: Instant, due: Due): Promise<void> {
  // Which slots of a policy are made good after an outage is decided over all of its schedules: by one transaction.
  const isOnTime = due.firstAt === due.lastAt && now - due.firstAt <= LATE_AFTER_MS;
  const most = isOnTime ? Math.min(Math.ceil(due.schedules / LANES), MOST_AT_ONCE) : MOST_AT_ONCE;
  const lane = async () => {
    while (await fireBatch(context, now, most));
  };
  const lanes = Array.from({ length: isOnTime ? Math.min(LANES, due.schedules) : 1 }, lane);
  // Also after an error in one of them the others come to their end here.
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason;
}

type Batch = { readonly mayBeMore: boolean; readonly skipped: readonly SkippedSlot[] };

/** Fires some of what is due; answers whether there may be more. */
async function fireBatch(context: ServerContext, now: Instant, most: number): Promise<boolean> {
  const { mayBeMore, skipped } = await transaction(context.db, (tx) => fireSome(tx, now, most));
  tellSkipped(context, skipped);
  return mayBeMore;
}

async function fireSome(tx: Transaction<Database>, now: Instant, most: number): Promise<Batch> {
  const schedules = await takeDueSchedules(tx, now, most);
  if (schedules.length === 0) return { mayBeMore: false, skipped: [] };
  const toFire = await findPoliciesToFire(
    tx,
    schedules.map(({ id }) => id),
  );
  const firing = new Set(toFire.map(({ scheduleId }) => scheduleId));
  const dueTimes = new Map(
    schedules.map((schedule) => [schedule.id, firing.has(schedule.id) ? dueTimesOf(schedule, now) : []]),
  );
  const slots = slotsOf(toFire, dueTimes);
  const skipped = await recordSkippedFirings(tx, await fireSlots(tx, slots, now));
  await tellStillRunning(tx, skipped);
  await alertMissed(tx, skipped, now);
  const next = schedules.map((schedule) => ({
    id: schedule.id,
    dueAt: nextRun(schedule, dueTimes.get(schedule.id)?.at(-1) ?? now),
  }));
  await advanceSchedules(tx, next);
  const mayBeMore = schedules.length === most || next.some(({ dueAt }) => dueAt !== null && dueAt <= now);
  return { mayBeMore, skipped };
}

/** The firings of a schedule that have come, oldest first: more than one only after an outage. */
function dueTimesOf(schedule: StoredSchedule, now: Instant): Instant[] {
  const times: Instant[] = [];
  for (let at = schedule.nextDueAt; at !== null && at <= now && times.length < MOST_SLOTS; at = nextRun(schedule, at)) {
    times.push(at);
  }
  return times;
}

type Slot = { readonly policy: FiredPolicy; readonly dueAt: Instant };
type SkippedSlot = SkippedFiring & Slot;

/** Each policy with each moment it is due, oldest first: two schedules at the same moment are one slot (SCH-5). */
function slotsOf(
  toFire: readonly (FiredPolicy & { readonly scheduleId: ScheduleId })[],
  dueTimes: ReadonlyMap<ScheduleId, readonly Instant[]>,
): Slot[] {
  const slots = new Map<string, Slot>();
  for (const policy of toFire) {
    for (const dueAt of dueTimes.get(policy.scheduleId) ?? []) slots.set(`${policy.id} ${dueAt}`, { policy, dueAt });
  }
  return [...slots.values()].toSorted((a, b) => a.dueAt - b.dueAt);
}

/** Starts the backups of all slots at once, for many policies may be due at the same second; answers where there is none. */
async function fireSlots(tx: Transaction<Database>, slots: readonly Slot[], now: Instant): Promise<SkippedSlot[]> {
  const skipped: SkippedSlot[] = [];
  const skip = (slot: Slot, reason: string) =>
    void skipped.push({ ...slot, policyId: slot.policy.id, at: now, reason });
  const caughtUp = await findCaughtUp(tx, slots, now);
  const open = slots.filter((slot) => {
    const refusal = caughtUp.has(slot) ? null : refusalOf(slot, now);
    if (refusal !== null) skip(slot, refusal);
    return refusal === null;
  });
  const made = await createBackups(
    tx,
    open.map((slot) => ({ ...slot, trigger: 'schedule' as const })),
    now,
  );
  const started = open.flatMap(({ policy: { ownerId } }, index) => {
    const id = made[index] ?? null;
    return id === null ? [] : [{ id, ownerId }];
  });
  await enqueueBackups(tx, started);
  for (const [index, slot] of open.entries()) {
    const id = made[index] ?? null;
    if (id === null) {
      if (!(await hasBackupForSlot(tx, slot.policy.id, slot.dueAt))) skip(slot, STILL_RUNNING);
    } else if (caughtUp.has(slot)) await tellCaughtUp(tx, id, slot, now);
  }
  return skipped;
}

/**
 * The missed slots that are made good after an outage, where the setting asks for it (SCH-6): of each policy the newest, and
 * only while nothing of it has started since. All others stay missed.
 */
async function findCaughtUp(tx: Transaction<Database>, slots: readonly Slot[], now: Instant): Promise<Set<Slot>> {
  const missed = slots.filter((slot) => refusalOf(slot, now) === MISSED && slot.policy.hasTargets);
  if (missed.length === 0 || !(await findSettings(tx)).catchUpMissed) return new Set();
  const newest = [...Map.groupBy(missed, ({ policy }) => policy.id).values()].flatMap((each) => each.at(-1) ?? []);
  const last = await findLastBackups(
    tx,
    newest.map(({ policy }) => policy.id),
  );
  return new Set(newest.filter(({ policy, dueAt }) => (last.get(policy.id)?.startedAt ?? -Infinity) < dueAt));
}

async function tellCaughtUp(tx: Transaction<Database>, id: BackupId, { dueAt }: Slot, now: Instant) {
  await appendLog(tx, id, now, [info(`this makes up for the firing of ${formatInstant(dueAt)}: ${MISSED}`)]);
}

/** The policy's owner looks into the log of the backup that ran when one is missing (SCH-5). */
async function tellStillRunning(tx: Transaction<Database>, skipped: readonly SkippedSlot[]): Promise<void> {
  for (const { policyId, dueAt, at, reason } of skipped) {
    const running = reason === STILL_RUNNING ? await findRunningBackup(tx, policyId) : null;
    if (running === null) continue;
    await appendLog(tx, running, at, [warning(`the firing of ${formatInstant(dueAt)} was skipped: ${reason}`)]);
  }
}

/** One open alert a policy for firings that an outage missed (F9); the next good backup closes it. */
async function alertMissed(tx: Transaction<Database>, skipped: readonly SkippedSlot[], now: Instant): Promise<void> {
  const missed = skipped.filter(({ reason }) => reason === MISSED);
  for (const [first, ...others] of Map.groupBy(missed, ({ policyId }) => policyId).values()) {
    if (first === undefined) continue;
    const { policy, dueAt } = first;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    await raiseAlert(tx, {
      ownerId: policy.ownerId,
      category: 'missed',
      subject: policy.id,
      policyId: policy.id,
      accountId: policy.accountId,
      backupId: null,
      severity: 'warning',
      title: `Backup missed: ${policy.name}`,
      message: `The firing of ${formatInstant(dueAt)}${more} made no backup: ${MISSED}.`,
      at: now,
    });
  }
}

function refusalOf({ policy, dueAt }: Slot, now: Instant): string | null {
  if (now - dueAt > LATE_AFTER_MS) return MISSED;
  return policy.hasTargets ? null : 'the policy has no targets';
}

/** One line a policy and reason: an outage must not flood the log. */
function tellSkipped({ log }: ServerContext, skipped: readonly SkippedSlot[]): void {
  const groups = Map.groupBy(skipped, ({ policyId, reason }): string => `${policyId} ${reason}`);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const fields = { policy: first.policyId, dueAt: formatInstant(first.dueAt), firings: 1 + others.length };
    log.warn(fields, `no backup: ${first.reason}`);
  }
}
