import { randomUUID } from 'node:crypto';
import { parsePolicyId, type Instant, type PolicyId } from '@cpm/core';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { createPolicy, scriptsOf, type PolicyRow } from './policies.store.ts';

/**
 * Makes a policy like another, with its settings, schedules and targets, under a name of its own; its backups stay with the other.
 * Throws `conflict_name_taken`. Runs in the caller's transaction.
 */
export async function clonePolicy(
  tx: Transaction<Database>,
  policy: PolicyRow,
  { name, at }: { readonly name: string; readonly at: Instant },
): Promise<PolicyId> {
  const id = parsePolicyId(randomUUID());
  const schedules = await tx
    .selectFrom('policy_schedules')
    .select('schedule_id as scheduleId')
    .where('policy_id', '=', policy.id)
    .execute();
  const scheduleIds = schedules.map(({ scheduleId }) => scheduleId);
  await createPolicy(tx, { ...policy, id, name, scripts: scriptsOf(policy), createdAt: at }, scheduleIds);
  await sql`insert into policy_targets (id, owner_id, policy_id, kind, region, resource_id, resource_name, take, volume_ids,
      added_at)
    select gen_random_uuid(), owner_id, ${id}, kind, region, resource_id, resource_name, take, volume_ids,
      ${new Date(at).toISOString()}
    from policy_targets where policy_id = ${policy.id}`.execute(tx);
  return id;
}
