import { decideOverdue, type Instant, type Overdue, type PolicyId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What of a policy's runs its own page shows beside its last backup. */
export type PolicyState = { readonly overdue: Overdue | null; readonly waitingRetryAt: Instant | null };

type Row = {
  readonly id: PolicyId;
  readonly enabled: boolean;
  readonly skippedAt: Instant | null;
  readonly reason: string | null;
  readonly backedUpAt: Instant | null;
  readonly lastGoodAt: Instant | null;
  readonly nextDueAt: Instant | null;
  readonly waitingRetryAt: Instant | null;
};

/** The states of a page of policies, in one statement. */
export async function findPolicyStates(
  db: Kysely<Database>,
  policyIds: readonly PolicyId[],
  now: Instant,
): Promise<Map<PolicyId, PolicyState>> {
  if (policyIds.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select policies.id, enabled, skipped.due_at as "skippedAt", skipped.reason,
      (select due_at from backups where policy_id = policies.id and due_at is not null
        order by due_at desc limit 1) as "backedUpAt",
      (select ended_at from backups where policy_id = policies.id and is_generation
        order by started_at desc limit 1) as "lastGoodAt",
      (select min(next_due_at) from policy_schedules join schedules on schedules.id = schedule_id
        where policy_id = policies.id and schedules.enabled) as "nextDueAt",
      (select min(retry_at) from backups where policy_id = policies.id and retry_at is not null) as "waitingRetryAt"
    from policies left join lateral (
      select due_at, reason from skipped_firings where policy_id = policies.id order by due_at desc limit 1
    ) skipped on true
    where policies.id = any(${policyIds}::uuid[])`.execute(db);
  return new Map(
    rows.map(({ id, waitingRetryAt, skippedAt, reason, ...row }) => {
      const skipped = skippedAt === null ? null : { dueAt: skippedAt, reason: reason ?? '' };
      return [id, { waitingRetryAt, overdue: decideOverdue({ ...row, skipped }, now) }];
    }),
  );
}
