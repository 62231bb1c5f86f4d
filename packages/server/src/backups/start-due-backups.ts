import { formatInstant, nextRun, type BackupId, type Instant, type PolicyId, type ScheduleId } from '@cpm/core';
import type { Transaction } from 'kysely';
import { raiseAlert } from '../alerts/alerts.store.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { appendLog, info, warning } from '../logs/log-lines.store.ts';
import { findPoliciesToFire, type PolicyRow } from '../policies/policies.store.ts';
import {
  advanceSchedules,
  earliestDueAt,
  takeDueSchedules,
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
const MOST_AT_ONCE = 500;
/** So many missed firings of one schedule are recorded in one transaction; a longer outage takes several. */
const MOST_SLOTS = 50;
/** A firing that is later than this was missed, not delayed: the server was down, or its database (SCH-6). */
const LATE_AFTER_MS = 5 * 60_000;

/** When the first schedule falls due: what the ticker's one timer is set to. */
export const nextFiringAt = (context: ServerContext): Promise<Instant | null> => earliestDueAt(context.db);

/**
 * Fires every schedule that is due, each in one transaction with its move to the next firing: a crash loses no slot and
 * doubles none. A slot makes one backup, or one record of why it made none (I4), also each one that an outage missed.
 */
export async function startDueBackups(context: ServerContext, now: Instant): Promise<void> {
  while (await context.db.transaction().execute((tx) => fireBatch(context, tx, now)));
}

/** Fires some of what is due; answers whether there may be more. */
async function fireBatch(context: ServerContext, tx: Transaction<Database>, now: Instant): Promise<boolean> {
  const schedules = await takeDueSchedules(tx, now, MOST_AT_ONCE);
  if (schedules.length === 0) return false;
  const toFire = await findPoliciesToFire(
    tx,
    schedules.map(({ id }) => id),
  );
  const firing = new Set(toFire.map(({ scheduleId }) => scheduleId));
  const dueTimes = new Map(
    schedules.map((schedule) => [schedule.id, firing.has(schedule.id) ? dueTimesOf(schedule, now) : []]),
  );
  const slots = slotsOf(toFire, dueTimes);
  const skipped = await fireSlots(tx, slots, now);
  await recordSkippedFirings(tx, skipped);
  await alertMissed(tx, slots, { skipped, now });
  tellSkipped(context, skipped);
  const next = schedules.map((schedule) => ({
    id: schedule.id,
    dueAt: nextRun(schedule, dueTimes.get(schedule.id)?.at(-1) ?? now),
  }));
  await advanceSchedules(tx, next);
  return schedules.length === MOST_AT_ONCE || next.some(({ dueAt }) => dueAt !== null && dueAt <= now);
}

/** The firings of a schedule that have come, oldest first: more than one only after an outage. */
function dueTimesOf(schedule: StoredSchedule, now: Instant): Instant[] {
  const times: Instant[] = [];
  for (let at = schedule.nextDueAt; at !== null && at <= now && times.length < MOST_SLOTS; at = nextRun(schedule, at)) {
    times.push(at);
  }
  return times;
}

type Slot = { readonly policy: PolicyRow; readonly dueAt: Instant };

/** Each policy with each moment it is due: two schedules at the same moment are one slot (SCH-5). */
function slotsOf(
  toFire: readonly { readonly scheduleId: ScheduleId; readonly policy: PolicyRow }[],
  dueTimes: ReadonlyMap<ScheduleId, readonly Instant[]>,
): Slot[] {
  const slots = new Map<string, Slot>();
  for (const { scheduleId, policy } of toFire) {
    for (const dueAt of dueTimes.get(scheduleId) ?? []) slots.set(`${policy.id} ${dueAt}`, { policy, dueAt });
  }
  return [...slots.values()].toSorted((a, b) => a.dueAt - b.dueAt);
}

/** Starts the backups of all slots at once, for many policies may be due at the same second; answers where there is none. */
async function fireSlots(tx: Transaction<Database>, slots: readonly Slot[], now: Instant): Promise<SkippedFiring[]> {
  const skipped: SkippedFiring[] = [];
  const skip = ({ policy, dueAt }: Slot, reason: string) =>
    void skipped.push({ policyId: policy.id, dueAt, at: now, reason });
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
    const reason = made[index] === null ? await reasonOfNone(tx, slot, now) : null;
    if (reason === null && caughtUp.has(slot)) await tellCaughtUp(tx, made[index] ?? null, slot, now);
    if (reason !== null) skip(slot, reason);
  }
  return skipped;
}

/**
 * The missed slots that are made good after an outage, where the setting asks for it (SCH-6): of each policy the newest, and
 * only while nothing of it has started since. All others stay missed.
 */
async function findCaughtUp(tx: Transaction<Database>, slots: readonly Slot[], now: Instant): Promise<Set<Slot>> {
  const missed = slots.filter((slot) => refusalOf(slot, now) === MISSED && slot.policy.targetCount > 0);
  if (missed.length === 0 || !(await findSettings(tx)).catchUpMissed) return new Set();
  const newest = [...Map.groupBy(missed, ({ policy }) => policy.id).values()].flatMap((each) => each.at(-1) ?? []);
  const last = await findLastBackups(
    tx,
    newest.map(({ policy }) => policy.id),
  );
  return new Set(newest.filter(({ policy, dueAt }) => (last.get(policy.id)?.startedAt ?? -Infinity) < dueAt));
}

async function tellCaughtUp(tx: Transaction<Database>, id: BackupId | null, { dueAt }: Slot, now: Instant) {
  if (id === null) return;
  await appendLog(tx, id, now, [info(`this makes up for the firing of ${formatInstant(dueAt)}: ${MISSED}`)]);
}

/** One open alert a policy for firings that an outage missed (F9); the next good backup closes it. */
async function alertMissed(
  tx: Transaction<Database>,
  slots: readonly Slot[],
  { skipped, now }: { readonly skipped: readonly SkippedFiring[]; readonly now: Instant },
): Promise<void> {
  const byPolicy = Map.groupBy(
    skipped.filter(({ reason }) => reason === MISSED),
    ({ policyId }) => policyId,
  );
  const policies = new Map(slots.map(({ policy }) => [policy.id, policy]));
  for (const [policyId, missed] of byPolicy) {
    const policy = policies.get(policyId);
    const [first] = missed;
    if (policy === undefined || first === undefined) continue;
    const others = missed.length === 1 ? '' : ` and ${missed.length - 1} more`;
    await raiseAlert(tx, {
      ownerId: policy.ownerId,
      category: 'missed',
      subject: policyId,
      policyId,
      accountId: policy.accountId,
      backupId: null,
      severity: 'warning',
      title: `Backup missed: ${policy.name}`,
      message: `The firing of ${formatInstant(first.dueAt)}${others} made no backup: ${MISSED}.`,
      at: now,
    });
  }
}

function refusalOf({ policy, dueAt }: Slot, now: Instant): string | null {
  if (now - dueAt > LATE_AFTER_MS) return MISSED;
  return policy.targetCount === 0 ? 'the policy has no targets' : null;
}

/** Why a slot got no backup; null when it has one already. */
async function reasonOfNone(tx: Transaction<Database>, { policy, dueAt }: Slot, now: Instant): Promise<string | null> {
  if (await hasBackupForSlot(tx, policy.id, dueAt)) return null;
  const reason = 'the backup before it was still running';
  const running = await findRunningBackup(tx, policy.id);
  // The policy's owner looks there when a backup is missing (SCH-5).
  if (running !== null) {
    await appendLog(tx, running, now, [warning(`the firing of ${formatInstant(dueAt)} was skipped: ${reason}`)]);
  }
  return reason;
}

/** One line a policy and reason: an outage must not flood the log. */
function tellSkipped({ log }: ServerContext, skipped: readonly SkippedFiring[]): void {
  const groups = Map.groupBy(skipped, ({ policyId, reason }): string => `${policyId} ${reason}`);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const policy: PolicyId = first.policyId;
    const fields = { policy, dueAt: formatInstant(first.dueAt), firings: 1 + others.length };
    log.warn(fields, `no backup: ${first.reason}`);
  }
}
