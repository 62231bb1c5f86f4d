import { nextRun, type Instant, type ScheduleRule } from '@cpm/core';
import type { Truth } from './truth.ts';

/** A moment at which a policy was due. */
export type Slot = { readonly policyId: string; readonly dueAt: Instant };

/** Reckons due slots on its own, from the rules alone, while time passes and people change schedules and policies. */
export type DueSlots = {
  readonly setSchedule: (id: string, schedule: ScheduleRule & { readonly enabled: boolean }, now: Instant) => void;
  readonly setPolicy: (
    id: string,
    policy: { readonly enabled: boolean; readonly scheduleIds: readonly string[] },
  ) => void;
  readonly dropPolicy: (id: string) => void;
  /** Time has come so far: what fell due meanwhile is due. */
  readonly reach: (now: Instant) => void;
  readonly all: () => readonly Slot[];
};

type Line = { schedule: ScheduleRule & { readonly enabled: boolean }; next: Instant | null };

export function reckonDueSlots(): DueSlots {
  const lines = new Map<string, Line>();
  const policies = new Map<string, { readonly enabled: boolean; readonly scheduleIds: readonly string[] }>();
  const slots = new Map<string, Slot>();
  const fire = (scheduleId: string, dueAt: Instant) => {
    for (const [policyId, { enabled, scheduleIds }] of policies) {
      if (enabled && scheduleIds.includes(scheduleId)) slots.set(`${policyId} ${dueAt}`, { policyId, dueAt });
    }
  };
  return {
    setSchedule: (id, schedule, now) => void lines.set(id, { schedule, next: nextRun(schedule, now) }),
    setPolicy: (id, policy) => void policies.set(id, policy),
    dropPolicy: (id) => {
      policies.delete(id);
      for (const [key, { policyId }] of slots) if (policyId === id) slots.delete(key);
    },
    reach: (now) => {
      for (const [id, line] of lines) {
        for (; line.next !== null && line.next <= now; line.next = nextRun(line.schedule, line.next))
          fire(id, line.next);
      }
    },
    all: () => [...slots.values()],
  };
}

/** I4: every due slot has exactly one backup, or exactly one record with the reason why it has none; and nothing else has. */
export function findSlotFaults({ backups, skipped, policies }: Truth, due: readonly Slot[]): string[] {
  const living = new Set(policies.map(({ id }): string => id));
  const key = (policyId: string | null, dueAt: number | null) => `${policyId ?? ''} ${dueAt ?? ''}`;
  const made = backups.filter(({ trigger }) => trigger === 'schedule').map((each) => key(each.policy_id, each.due_at));
  const missed = skipped.map((each) => key(each.policyId, each.dueAt));
  const count = new Map<string, number>();
  for (const each of [...made, ...missed]) count.set(each, (count.get(each) ?? 0) + 1);
  const wrong = due
    .filter(({ policyId }) => living.has(policyId))
    .filter(({ policyId, dueAt }) => count.get(key(policyId, dueAt)) !== 1)
    .map(
      ({ policyId, dueAt }) =>
        `I4: the slot ${at(dueAt)} of the policy ${policyId} has ${count.get(key(policyId, dueAt)) ?? 0} backups or records`,
    );
  const expected = new Set(due.map(({ policyId, dueAt }) => key(policyId, dueAt)));
  const uncalled = [...count.keys()]
    .filter((each) => !expected.has(each) && living.has(each.split(' ')[0] ?? ''))
    .map((each) => `I4: nothing was due at ${at(Number(each.split(' ')[1]))} for the policy ${each.split(' ')[0]}`);
  const silent = skipped
    .filter(({ reason }) => reason === '')
    .map(({ dueAt }) => `I4: no reason is given for ${at(dueAt)}`);
  return [...wrong, ...uncalled, ...silent];
}

const at = (ms: number): string => new Date(ms).toISOString();
