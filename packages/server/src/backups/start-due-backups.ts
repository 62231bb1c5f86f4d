import { nextRun, type Instant, type ScheduleId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { findPoliciesToFire, type PolicyRow } from '../policies/policies.store.ts';
import {
  advanceSchedules,
  earliestDueAt,
  takeDueSchedules,
  type StoredSchedule,
} from '../schedules/schedules.store.ts';
import { createBackup, hasBackupForSlot, recordSkippedFiring } from './backups.store.ts';
import { enqueueBackup } from './run-backup.ts';

const MOST_AT_ONCE = 500;
/** A firing that is later than this was missed, not delayed: the server was down, or its database (SCH-6). */
const LATE_AFTER_MS = 5 * 60_000;

/** When the first schedule falls due: what the ticker's one timer is set to. */
export const nextFiringAt = (context: ServerContext): Promise<Instant | null> => earliestDueAt(context.db);

/**
 * Fires every schedule that is due, each in one transaction with its move to the next firing: a crash loses no slot and
 * doubles none. A slot makes one backup, or one record of why it made none (I4).
 */
export async function startDueBackups(context: ServerContext, now: Instant): Promise<void> {
  for (;;) {
    const fired = await context.db.transaction().execute((tx) => fireBatch(context, tx, now));
    if (fired < MOST_AT_ONCE) return;
  }
}

async function fireBatch(context: ServerContext, tx: Transaction<Database>, now: Instant): Promise<number> {
  const schedules = await takeDueSchedules(tx, now, MOST_AT_ONCE);
  if (schedules.length === 0) return 0;
  const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]));
  const toFire = await findPoliciesToFire(tx, [...byId.keys()]);
  for (const slot of slotsOf(toFire, byId)) await fireSlot(context, tx, slot, now);
  await advanceSchedules(
    tx,
    schedules.map((schedule) => ({ id: schedule.id, dueAt: nextRun(schedule, now) })),
  );
  return schedules.length;
}

type Slot = { readonly policy: PolicyRow; readonly dueAt: Instant };

/** Each policy with each moment it is due: two schedules at the same moment are one slot (SCH-5). */
function slotsOf(
  toFire: readonly { readonly scheduleId: ScheduleId; readonly policy: PolicyRow }[],
  byId: ReadonlyMap<ScheduleId, StoredSchedule>,
): Slot[] {
  const slots = new Map<string, Slot>();
  for (const { scheduleId, policy } of toFire) {
    const dueAt = byId.get(scheduleId)?.nextDueAt;
    if (dueAt !== undefined && dueAt !== null) slots.set(`${policy.id} ${dueAt}`, { policy, dueAt });
  }
  return [...slots.values()].toSorted((a, b) => a.dueAt - b.dueAt);
}

async function fireSlot(
  context: ServerContext,
  tx: Transaction<Database>,
  { policy, dueAt }: Slot,
  now: Instant,
): Promise<void> {
  const skip = async (reason: string) => {
    context.log.warn(
      { policy: policy.id, policyName: policy.name, dueAt: new Date(dueAt).toISOString() },
      `no backup: ${reason}`,
    );
    await recordSkippedFiring(tx, { policyId: policy.id, dueAt, at: now, reason });
  };
  if (now - dueAt > LATE_AFTER_MS) return skip('the server was not running at that time');
  if (policy.targetCount === 0) return skip('the policy has no targets');
  const backupId = await createBackup(tx, policy, { trigger: 'schedule', dueAt, at: now });
  if (backupId !== null) return enqueueBackup(tx, backupId, policy.ownerId);
  if (!(await hasBackupForSlot(tx, policy.id, dueAt))) return skip('the backup before it was still running');
}
