import { z } from 'zod';
import { description, id, name, nothing, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const localTime = z
  .string()
  .max(32)
  .meta({ description: 'What a clock on the wall of the zone shows.', examples: ['2026-01-31T02:00'] });
const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'a time of day such as 08:30; 24:00 ends a day')
  .meta({ examples: ['17:00'] });

const disabledTime = z.strictObject({
  day: z.enum(['every-day', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
  start: clockTime,
  finish: clockTime,
});

/** What a person says of a schedule; the rules of SCH-1 to SCH-4 are checked by core. */
const rule = {
  repeatEvery: z.number().int('a whole number').min(1, 'at least 1').max(10_000, 'at most 10000'),
  repeatUnit: z.enum(['months', 'weeks', 'days', 'hours', 'minutes']),
  zone: z
    .string()
    .max(64)
    .meta({ description: 'IANA time zone in which the schedule lives.', examples: ['Europe/Berlin'] }),
  startsAt: localTime,
  startsInLaterPass: z
    .boolean()
    .default(false)
    .meta({ description: 'Only where clocks show the start twice: the second time is meant.' }),
  endsAt: localTime.nullable().default(null),
  weekDays: z
    .array(z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']))
    .default(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
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
    repeatEvery: z.number(),
    repeatUnit: rule.repeatUnit,
    zone: z.string(),
    startsAt: z.string(),
    startsInLaterPass: z.boolean(),
    endsAt: z.string().nullable(),
    weekDays: z.array(z.string()),
    disabledTimes: z.array(z.object({ day: z.string(), start: z.string(), finish: z.string() })),
    words: z.string(),
    nextFiringAt: time.nullable(),
    warning: z.string().nullable().meta({ description: 'Says so when the schedule can never fire.' }),
    policyCount: z.number(),
    createdAt: time,
  })
  .meta({ id: 'Schedule' });

const params = z.object({ scheduleId: id });
const body = z.strictObject({
  name,
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
    access: 'schedule.write',
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
    access: 'schedule.write',
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
    access: 'schedule.write',
    params,
    ok: { status: 204, schema: nothing },
    errors: ['conflict_in_use'],
  }),
};
export type Schedule = z.output<typeof schedule>;
export type ScheduleInput = z.input<typeof body>;
export type SchedulePreview = z.output<typeof schedulePreview>;
