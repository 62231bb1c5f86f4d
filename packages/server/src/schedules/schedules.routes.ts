import { randomUUID } from 'node:crypto';
import type { Body, Schedule as ShownSchedule, SchedulePreview, api } from '@cpm/contract';
import {
  cpmError,
  describeSchedule,
  formatInstant,
  NEVER_FIRES_WARNING,
  neverFires,
  nextRun,
  parseInstant,
  parseScheduleId,
  previewSchedule,
  validateScheduleRule,
  validateScheduleText,
  type FieldError,
  type Instant,
  type ScheduleId,
  type ScheduleRule,
  type UserId,
} from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { wakeTicker } from '../engine/ticker.ts';
import type { Handlers } from '../http/mount.ts';
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  findSchedule,
  listSchedules,
  type ListedSchedule,
  type StoredSchedule,
} from './schedules.store.ts';

const SHOWN_FIRINGS = 10;

type RuleBody = Omit<Body<typeof api.schedules.preview>, 'count'>;
type ScheduleBody = Body<typeof api.schedules.create>;

/** Schedules over the API (SCH-1 to SCH-4). */
export function scheduleRoutes(context: ServerContext): Handlers<typeof api.schedules> {
  const { db } = context;
  const find = async (ownerId: UserId, id: string) => findSchedule(db, ownerId, parseScheduleId(id));
  return {
    async list({ actor, query, at }) {
      const page = await listSchedules(db, actor.userId, query);
      return { ...page, items: page.items.map((schedule) => shown(schedule, at)) };
    },

    async create({ actor, body, at }) {
      const id = parseScheduleId(randomUUID());
      const schedule = { ...fromBody(body, { id, ownerId: actor.userId, at }), createdAt: at };
      await db.transaction().execute(async (tx) => {
        await createSchedule(tx, schedule);
        await wakeTicker(tx);
      });
      return shown({ ...schedule, policyCount: 0 }, at);
    },

    preview: async ({ body: { count, ...rule }, at }) => preview(checkRule(rule), at, count),

    show: async ({ actor, params, at }) => shown(await find(actor.userId, params.scheduleId), at),

    firings: async ({ actor, params, at }) => preview(await find(actor.userId, params.scheduleId), at, SHOWN_FIRINGS),

    async change({ actor, params, body, at }) {
      const before = await find(actor.userId, params.scheduleId);
      const schedule = { ...fromBody(body, { id: before.id, ownerId: actor.userId, at }), createdAt: before.createdAt };
      await db.transaction().execute(async (tx) => {
        await changeSchedule(tx, schedule);
        await wakeTicker(tx);
      });
      return shown({ ...schedule, policyCount: before.policyCount }, at);
    },

    remove: async ({ actor, params }) => deleteSchedule(db, actor.userId, parseScheduleId(params.scheduleId)),
  };
}

/** A checked schedule out of a body; throws `invalid_request` with every wrong field at once. */
function fromBody(
  body: ScheduleBody,
  { id, ownerId, at }: { id: ScheduleId; ownerId: UserId; at: Instant },
): Omit<StoredSchedule, 'createdAt'> {
  const { name, description, enabled, ...ruleBody } = body;
  const rule = checkRule(ruleBody, validateScheduleText({ name, description }));
  const nextDueAt = nextRun({ ...rule, enabled }, at);
  return { id, ownerId, name, description, enabled, ...rule, neverFires: neverFires(rule), nextDueAt };
}

function checkRule(body: RuleBody, others: readonly FieldError[] = []): ScheduleRule {
  const endAt = body.endAt === null ? null : parseInstant(body.endAt);
  const rule = { ...body, endAt };
  const fields = [...others, ...validateScheduleRule(rule)];
  if (fields.length > 0) throw cpmError('invalid_request', { fields });
  return rule as unknown as ScheduleRule;
}

function preview(rule: ScheduleRule, at: Instant, count: number): SchedulePreview {
  const { firings, warning } = previewSchedule(rule, at, count);
  return {
    words: describeSchedule(rule),
    firings: firings.map((firing) => ({ at: formatInstant(firing.at), local: firing.local, note: firing.note })),
    neverFires: neverFires(rule),
    warning,
  };
}

function shown(schedule: ListedSchedule, at: Instant): ShownSchedule {
  const { ownerId: _, neverFires: never, nextDueAt, createdAt, endAt, ...rest } = schedule;
  const hasEnded = endAt !== null && endAt <= at;
  return {
    ...rest,
    activeDays: [...rest.activeDays],
    disabledTimes: [...rest.disabledTimes],
    endAt: endAt === null ? null : formatInstant(endAt),
    words: describeSchedule(schedule),
    nextFiringAt: nextDueAt === null ? null : formatInstant(nextDueAt),
    warning: never ? NEVER_FIRES_WARNING : hasEnded ? 'This schedule has ended: it fires no more.' : null,
    createdAt: formatInstant(createdAt),
  };
}
