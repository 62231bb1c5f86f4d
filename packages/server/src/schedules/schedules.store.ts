import {
  cpmError,
  type Instant,
  type PolicyId,
  type Schedule,
  type ScheduleId,
  type ScheduleRule,
  type UserId,
} from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isNameTaken } from '../db/unique.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

export type StoredSchedule = Schedule & {
  readonly neverFires: boolean;
  /** Null while it is disabled or has no firing left. */
  readonly nextDueAt: Instant | null;
  readonly createdAt: Instant;
};
export type ListedSchedule = StoredSchedule & { readonly policyCount: number };

const columns = [
  'schedules.id',
  'schedules.owner_id as ownerId',
  'schedules.name',
  'schedules.description',
  'schedules.enabled',
  'schedules.rule',
  'schedules.never_fires as neverFires',
  'schedules.next_due_at as nextDueAt',
  'schedules.created_at as createdAt',
] as const;

type Row = Omit<StoredSchedule, keyof ScheduleRule> & { readonly rule: unknown };

/** The rule was checked by core before it was stored. */
const unfold = <R extends Row>({ rule, ...row }: R): Omit<R, 'rule'> & ScheduleRule => ({
  ...row,
  ...(rule as ScheduleRule),
});

const nameTaken = (name: string) => cpmError('conflict_name_taken', { params: { name, noun: 'schedule' } });
const notFound = () => cpmError('not_found', { params: { noun: 'schedule' } });

/** What of a schedule is its rule; the rest is whose and what it is called. */
export function ruleOf(schedule: ScheduleRule): ScheduleRule {
  const { repeat, startLocal, startPass, zone, endAt, activeDays, disabledTimes } = schedule;
  return { repeat, startLocal, startPass, zone, endAt, activeDays, disabledTimes };
}

function valuesOf(schedule: StoredSchedule) {
  return {
    name: schedule.name,
    description: schedule.description,
    enabled: schedule.enabled,
    rule: JSON.stringify(ruleOf(schedule)),
    never_fires: schedule.neverFires,
    next_due_at: schedule.nextDueAt === null ? null : asTimestamp(schedule.nextDueAt),
  };
}

/** Stores a schedule that core has checked; throws `conflict_name_taken`. */
export async function createSchedule(db: Kysely<Database>, schedule: StoredSchedule): Promise<void> {
  try {
    await db
      .insertInto('schedules')
      .values({
        id: schedule.id,
        owner_id: schedule.ownerId,
        created_at: asTimestamp(schedule.createdAt),
        ...valuesOf(schedule),
      })
      .execute();
  } catch (error) {
    throw isNameTaken(error) ? nameTaken(schedule.name) : error;
  }
  await announce(db, schedule.ownerId, 'schedule', schedule.id);
}

/** Replaces a schedule; throws `not_found` or `conflict_name_taken`. */
export async function changeSchedule(db: Kysely<Database>, schedule: StoredSchedule): Promise<void> {
  try {
    const changed = await db
      .updateTable('schedules')
      .set(valuesOf(schedule))
      .where('owner_id', '=', schedule.ownerId)
      .where('id', '=', schedule.id)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw notFound();
  } catch (error) {
    throw isNameTaken(error) ? nameTaken(schedule.name) : error;
  }
  await announce(db, schedule.ownerId, 'schedule', schedule.id);
}

function listed(db: Kysely<Database>, ownerId: UserId) {
  return db
    .selectFrom('schedules')
    .select(columns)
    .select((from) =>
      from
        .selectFrom('policy_schedules')
        .innerJoin('policies', 'policies.id', 'policy_schedules.policy_id')
        .whereRef('policy_schedules.schedule_id', '=', 'schedules.id')
        .where('policies.removed_at', 'is', null)
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('policyCount'),
    )
    .where('schedules.owner_id', '=', ownerId);
}

/** The owner's schedules by name. */
export async function listSchedules(
  db: Kysely<Database>,
  ownerId: UserId,
  page: PageQuery,
): Promise<Page<ListedSchedule>> {
  const found = await pageAfter<Row & { policyCount: number }>(listed(db, ownerId), page, [
    { column: 'schedules.name', of: (row) => row.name, direction: 'asc', type: 'text' },
    { column: 'schedules.id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
  return { ...found, items: found.items.map(unfold) };
}

/** One schedule of the owner; throws `not_found` for an unknown or another owner's. */
export async function findSchedule(
  db: Kysely<Database>,
  ownerId: UserId,
  scheduleId: ScheduleId,
): Promise<ListedSchedule> {
  const row = await listed(db, ownerId).where('schedules.id', '=', scheduleId).executeTakeFirst();
  if (row === undefined) throw notFound();
  return unfold(row);
}

/** Those of the ids that are the owner's, in no order. */
export async function findSchedules(
  db: Kysely<Database>,
  ownerId: UserId,
  scheduleIds: readonly ScheduleId[],
): Promise<StoredSchedule[]> {
  if (scheduleIds.length === 0) return [];
  const rows = await db
    .selectFrom('schedules')
    .select(columns)
    .where('owner_id', '=', ownerId)
    .where('id', 'in', scheduleIds)
    .execute();
  return rows.map(unfold);
}

/** The schedules of a policy, by name. */
export async function findSchedulesOfPolicies(
  db: Kysely<Database>,
  policyIds: readonly PolicyId[],
): Promise<(StoredSchedule & { readonly policyId: PolicyId })[]> {
  if (policyIds.length === 0) return [];
  const rows = await db
    .selectFrom('policy_schedules')
    .innerJoin('schedules', 'schedules.id', 'policy_schedules.schedule_id')
    .select(columns)
    .select('policy_schedules.policy_id as policyId')
    .where('policy_schedules.policy_id', 'in', policyIds)
    .orderBy('schedules.name')
    .execute();
  return rows.map(unfold);
}

/** Removes a schedule that no policy uses; throws `conflict_in_use` naming them, or `not_found`. */
export async function deleteSchedule(db: Kysely<Database>, ownerId: UserId, scheduleId: ScheduleId): Promise<void> {
  await findSchedule(db, ownerId, scheduleId);
  const policies = await db
    .selectFrom('policy_schedules')
    .innerJoin('policies', 'policies.id', 'policy_schedules.policy_id')
    .select('policies.name')
    .where('schedule_id', '=', scheduleId)
    .orderBy('policies.name')
    .limit(10)
    .execute();
  if (policies.length > 0) {
    const users = `the policies ${policies.map(({ name }) => name).join(', ')}`;
    throw cpmError('conflict_in_use', { params: { noun: 'schedule', users } });
  }
  await db.deleteFrom('schedules').where('owner_id', '=', ownerId).where('id', '=', scheduleId).execute();
  await announce(db, ownerId, 'schedule', scheduleId);
}

/** When the first schedule of anybody falls due; null when none will. */
export async function earliestDueAt(db: Kysely<Database>): Promise<Instant | null> {
  const row = await db
    .selectFrom('schedules')
    .select('next_due_at as at')
    .where('next_due_at', 'is not', null)
    .orderBy('next_due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? null;
}

export type Due = {
  readonly schedules: number;
  /** That hang on them, also those that are switched off; twice where a policy hangs on two of them. */
  readonly policies: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
};

/** How much is due, and the first and the last of the due times; null when nothing is. */
export async function findDue(db: Kysely<Database>, at: Instant): Promise<Due | null> {
  const { schedules, policies, firstAt, lastAt } = await db
    .selectFrom('schedules')
    .select((from) => [
      from.fn.countAll<number>().as('schedules'),
      sql<number>`coalesce(sum((select count(*) from policy_schedules where schedule_id = schedules.id)), 0)::int`.as(
        'policies',
      ),
      from.fn.min('next_due_at').as('firstAt'),
      from.fn.max('next_due_at').as('lastAt'),
    ])
    .where('next_due_at', '<=', asTimestamp(at))
    .executeTakeFirstOrThrow();
  return firstAt === null || lastAt === null ? null : { schedules, policies, firstAt, lastAt };
}

/** Takes the schedules that are due, locked against other servers until the transaction ends; the most overdue first. */
export async function takeDueSchedules(db: Kysely<Database>, at: Instant, most: number): Promise<StoredSchedule[]> {
  const rows = await db
    .selectFrom('schedules')
    .select(columns)
    .where('next_due_at', '<=', asTimestamp(at))
    .orderBy('next_due_at')
    .limit(most)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(unfold);
}

/** Moves schedules on to their next firing; `null` ends them. */
export async function advanceSchedules(
  db: Kysely<Database>,
  next: readonly { readonly id: ScheduleId; readonly dueAt: Instant | null }[],
): Promise<void> {
  if (next.length === 0) return;
  const rows = JSON.stringify(next.map(({ id, dueAt }) => ({ id, at: dueAt === null ? null : new Date(dueAt) })));
  await sql`update schedules set next_due_at = fresh.at
    from jsonb_to_recordset(${rows}::jsonb) as fresh(id uuid, at timestamptz) where schedules.id = fresh.id`.execute(
    db,
  );
}
