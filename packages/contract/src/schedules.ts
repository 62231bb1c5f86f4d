import { REPEAT_UNITS, WEEKDAYS } from '@cpm/core';
import { z } from 'zod';
import { description, id, nothing, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const localTime = z
  .string()
  .max(32)
  .meta({ description: 'What a clock on the wall of the zone shows.', examples: ['2026-01-31T02:00'] });
const weekday = z.enum(WEEKDAYS);

const disabledTime = z.strictObject({
  day: z.enum(['every', ...WEEKDAYS]),
  start: z
    .string()
    .max(5)
    .meta({ description: 'Inclusive.', examples: ['17:00'] }),
  finish: z.string().max(5).meta({ description: 'Exclusive, up to 24:00; earlier than the start: on the next day.' }),
});

/** What a person says of a schedule; the rules of SCH-1 to SCH-4 are checked by core, whose words these are. */
const rule = {
  repeat: z.strictObject({ every: z.number(), unit: z.enum(REPEAT_UNITS) }),
  zone: z
    .string()
    .max(64)
    .meta({ description: 'IANA time zone in which the schedule lives.', examples: ['Europe/Berlin'] }),
  startLocal: localTime,
  startPass: z
    .enum(['earlier', 'later'])
    .default('earlier')
    .meta({ description: 'Only where clocks show the start twice: which of the two is meant.' }),
  endAt: z.iso
    .datetime({ offset: true, error: 'a time with its offset, such as 2026-12-31T00:00:00Z' })
    .nullable()
    .default(null)
    .meta({ description: 'No firing at this moment or after it.' }),
  activeDays: z
    .array(weekday)
    .max(7)
    .default([...WEEKDAYS]),
  disabledTimes: z.array(disabledTime).max(100, 'at most 100').default([]),
};

const firing = z.object({
  at: time,
  local: z.string(),
  note: z.string().nullable().meta({ description: 'What summer time did to it, if anything.' }),
});

export const schedulePreview = z
  .object({
    words: z.string().meta({ description: 'The rule in words.' }),
    firings: z.array(firing),
    neverFires: z.boolean(),
    warning: z.string().nullable(),
  })
  .meta({ id: 'SchedulePreview' });

export const schedule = z
  .object({
    id,
    name: z.string(),
    description: z.string(),
    enabled: z.boolean(),
    repeat: z.object({ every: z.number(), unit: z.enum(REPEAT_UNITS) }),
    zone: z.string(),
    startLocal: z.string(),
    startPass: z.enum(['earlier', 'later']),
    endAt: time.nullable(),
    activeDays: z.array(weekday),
    disabledTimes: z.array(z.object({ day: z.enum(['every', ...WEEKDAYS]), start: z.string(), finish: z.string() })),
    words: z.string(),
    nextFiringAt: time.nullable(),
    warning: z.string().nullable().meta({ description: 'Says so when the schedule can never fire.' }),
    policyCount: z.number(),
    createdAt: time,
  })
  .meta({ id: 'Schedule' });

const params = z.object({ scheduleId: id });
const body = z.strictObject({
  name: z.string(),
  description: description.default(''),
  enabled: z.boolean().default(true),
  ...rule,
});

export const schedules = {
  list: route({
    id: 'listSchedules',
    method: 'GET',
    path: '/schedules',
    summary: 'The schedules, by name.',
    access: 'schedule.read',
    query: pageQuery,
    ok: { status: 200, schema: pageOf(schedule) },
  }),
  create: route({
    id: 'createSchedule',
    method: 'POST',
    path: '/schedules',
    summary: 'Makes a schedule; one that can never fire is kept, with a warning.',
    access: 'schedule.create',
    body,
    ok: { status: 201, schema: schedule },
    errors: ['conflict_name_taken'],
    idempotent: true,
  }),
  preview: route({
    id: 'previewSchedule',
    method: 'POST',
    path: '/schedules/preview',
    summary: 'The next firings of a rule that is not saved yet.',
    access: 'schedule.read',
    body: z.strictObject({ ...rule, count: z.number().int().min(1).max(100).default(10) }),
    ok: { status: 200, schema: schedulePreview },
  }),
  show: route({
    id: 'showSchedule',
    method: 'GET',
    path: '/schedules/:scheduleId',
    summary: 'One schedule.',
    access: 'schedule.read',
    params,
    ok: { status: 200, schema: schedule },
  }),
  firings: route({
    id: 'showScheduleFirings',
    method: 'GET',
    path: '/schedules/:scheduleId/firings',
    summary: 'The next ten firings of a schedule.',
    access: 'schedule.read',
    params,
    ok: { status: 200, schema: schedulePreview },
  }),
  change: route({
    id: 'changeSchedule',
    method: 'PUT',
    path: '/schedules/:scheduleId',
    summary: 'Replaces a schedule; policies that use it fire by the new rule from now on.',
    access: 'schedule.update',
    params,
    body,
    ok: { status: 200, schema: schedule },
    errors: ['conflict_name_taken'],
  }),
  remove: route({
    id: 'deleteSchedule',
    method: 'DELETE',
    path: '/schedules/:scheduleId',
    summary: 'Removes a schedule that no policy uses.',
    access: 'schedule.delete',
    params,
    ok: { status: 204, schema: nothing },
    errors: ['conflict_in_use'],
  }),
};
export type Schedule = z.output<typeof schedule>;
export type ScheduleInput = z.input<typeof body>;
export type SchedulePreview = z.output<typeof schedulePreview>;
