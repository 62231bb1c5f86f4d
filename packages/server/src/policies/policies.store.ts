import {
  cpmError,
  type AccountId,
  type AutoTargetRemoval,
  type Instant,
  type PolicyId,
  type PolicyScripts,
  type ScheduleId,
  type ScriptRunner,
  type SsmCommands,
  type SuccessRule,
  type UserId,
} from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isNameTaken } from '../db/unique.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

export type PolicyRow = {
  readonly id: PolicyId;
  readonly ownerId: UserId;
  readonly accountId: AccountId;
  readonly accountName: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly generations: number;
  readonly autoTargetRemoval: AutoTargetRemoval;
  readonly successRule: SuccessRule;
  readonly retries: number;
  readonly retryWaitMinutes: number;
  readonly scriptRunner: ScriptRunner;
  readonly scriptTimeoutSeconds: number;
  readonly collectScriptOutput: boolean;
  readonly ssmCommands: SsmCommands | null;
  readonly copySourceTags: boolean;
  readonly targetCount: number;
  readonly createdAt: Instant;
  readonly revision: number;
};

/** The scripts of a policy, out of its columns. */
export const scriptsOf = (policy: PolicyRow): PolicyScripts => ({
  runner: policy.scriptRunner,
  timeoutSeconds: policy.scriptTimeoutSeconds,
  collectOutput: policy.collectScriptOutput,
  ssm: policy.ssmCommands,
});

/** What a person can set of a policy. */
type PolicySettings = Pick<
  PolicyRow,
  | 'name'
  | 'description'
  | 'enabled'
  | 'generations'
  | 'autoTargetRemoval'
  | 'successRule'
  | 'retries'
  | 'retryWaitMinutes'
  | 'copySourceTags'
> & { readonly scripts: PolicyScripts };

export type NewPolicy = PolicySettings & Pick<PolicyRow, 'id' | 'ownerId' | 'accountId' | 'createdAt'>;

const nameTaken = (name: string) => cpmError('conflict_name_taken', { params: { name, noun: 'policy' } });
const notFound = () => cpmError('not_found', { params: { noun: 'policy' } });

/** The policies that are not being removed, with what every reader needs of them. */
function policies(db: Kysely<Database>) {
  return db
    .selectFrom('policies')
    .innerJoin('accounts', 'accounts.id', 'policies.account_id')
    .select([
      'policies.id',
      'policies.owner_id as ownerId',
      'policies.account_id as accountId',
      'accounts.name as accountName',
      'policies.name',
      'policies.description',
      'policies.enabled',
      'policies.generations',
      'policies.auto_target_removal as autoTargetRemoval',
      'policies.success_rule as successRule',
      'policies.retries',
      'policies.retry_wait_minutes as retryWaitMinutes',
      'policies.script_runner as scriptRunner',
      'policies.script_timeout_seconds as scriptTimeoutSeconds',
      'policies.collect_script_output as collectScriptOutput',
      'policies.ssm_commands as ssmCommands',
      'policies.copy_source_tags as copySourceTags',
      'policies.created_at as createdAt',
      'policies.revision',
    ])
    .select((from) =>
      from
        .selectFrom('policy_targets')
        .whereRef('policy_id', '=', 'policies.id')
        .select((count) => count.fn.countAll<number>().as('n'))
        .$asScalar()
        .$notNull()
        .as('targetCount'),
    )
    .where('policies.removed_at', 'is', null);
}

/** Stores a policy with its schedules; throws `conflict_name_taken`. Runs in the caller's transaction. */
export async function createPolicy(
  tx: Kysely<Database>,
  policy: NewPolicy,
  scheduleIds: readonly ScheduleId[],
): Promise<void> {
  try {
    await tx
      .insertInto('policies')
      .values({
        id: policy.id,
        owner_id: policy.ownerId,
        account_id: policy.accountId,
        ...settingColumns(policy),
        created_at: asTimestamp(policy.createdAt),
        revision: 1,
      })
      .execute();
  } catch (error) {
    throw isNameTaken(error) ? nameTaken(policy.name) : error;
  }
  await saveScheduleIds(tx, policy.id, scheduleIds);
  await announce(tx, policy.ownerId, 'policy', policy.id);
}

function settingColumns({ scripts, ...policy }: PolicySettings) {
  return {
    name: policy.name,
    description: policy.description,
    enabled: policy.enabled,
    generations: policy.generations,
    auto_target_removal: policy.autoTargetRemoval,
    success_rule: policy.successRule,
    retries: policy.retries,
    retry_wait_minutes: policy.retryWaitMinutes,
    copy_source_tags: policy.copySourceTags,
    script_runner: scripts.runner,
    script_timeout_seconds: scripts.timeoutSeconds,
    collect_script_output: scripts.collectOutput,
    ssm_commands: scripts.ssm === null ? null : JSON.stringify(scripts.ssm),
  };
}

async function saveScheduleIds(
  tx: Kysely<Database>,
  policyId: PolicyId,
  scheduleIds: readonly ScheduleId[],
): Promise<void> {
  await tx.deleteFrom('policy_schedules').where('policy_id', '=', policyId).execute();
  if (scheduleIds.length === 0) return;
  const rows = [...new Set(scheduleIds)].map((scheduleId) => ({ policy_id: policyId, schedule_id: scheduleId }));
  await tx.insertInto('policy_schedules').values(rows).execute();
}

export type PolicyChange = {
  readonly [Key in keyof PolicySettings]?: PolicySettings[Key] | undefined;
} & {
  readonly scheduleIds?: readonly ScheduleId[] | undefined;
};

/**
 * Changes a policy in the caller's transaction. With `revision`, only if nobody changed it since: else throws
 * `precondition_failed`. Throws `not_found` and `conflict_name_taken`.
 */
export async function changePolicy(
  tx: Kysely<Database>,
  ids: { readonly ownerId: UserId; readonly policyId: PolicyId; readonly revision: number | undefined },
  change: PolicyChange,
): Promise<void> {
  const { scheduleIds, ...settings } = change;
  await lockPolicy(tx, ids.policyId);
  const current = await findPolicy(tx, ids.ownerId, ids.policyId);
  if (ids.revision !== undefined && ids.revision !== current.revision) {
    throw cpmError('precondition_failed', { params: { noun: 'policy' } });
  }
  try {
    await tx
      .updateTable('policies')
      .set({ ...settingColumns(withChanges(current, settings)), revision: current.revision + 1 })
      .where('id', '=', ids.policyId)
      .execute();
  } catch (error) {
    throw isNameTaken(error) ? nameTaken(change.name ?? '') : error;
  }
  if (scheduleIds !== undefined) await saveScheduleIds(tx, ids.policyId, scheduleIds);
  await announce(tx, ids.ownerId, 'policy', ids.policyId);
}

/** The policy's settings with those changes that were named. */
function withChanges(policy: PolicyRow, changes: Omit<PolicyChange, 'scheduleIds'>): PolicySettings {
  const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...policy, scripts: scriptsOf(policy), ...named };
}

/** The owner's policies by name, or the one of exactly that name. */
export async function listPolicies(
  db: Kysely<Database>,
  ownerId: UserId,
  page: PageQuery & { readonly name?: string | undefined },
): Promise<Page<PolicyRow>> {
  let query = policies(db).where('policies.owner_id', '=', ownerId);
  if (page.name !== undefined) query = query.where('policies.name', '=', page.name);
  return pageAfter<PolicyRow>(query, page, [
    { column: 'policies.name', of: (row) => row.name, direction: 'asc', type: 'text' },
    { column: 'policies.id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}

/** One policy of the owner; throws `not_found` for an unknown or another owner's. */
export async function findPolicy(db: Kysely<Database>, ownerId: UserId, policyId: PolicyId): Promise<PolicyRow> {
  const row = await policies(db)
    .where('policies.owner_id', '=', ownerId)
    .where('policies.id', '=', policyId)
    .executeTakeFirst();
  if (row === undefined) throw notFound();
  return row;
}

/** A policy for a job, which acts for its owner; null when it is gone or being removed. */
export async function findPolicyForJob(db: Kysely<Database>, policyId: PolicyId): Promise<PolicyRow | null> {
  const row = await policies(db).where('policies.id', '=', policyId).executeTakeFirst();
  return row ?? null;
}

/** What a firing needs of a policy: a thousand may be due at the same second. */
export type FiredPolicy = Pick<PolicyRow, 'id' | 'ownerId' | 'accountId' | 'name'> & { readonly hasTargets: boolean };

/** The enabled policies that these schedules fire, each pair once. */
export async function findPoliciesToFire(
  db: Kysely<Database>,
  scheduleIds: readonly ScheduleId[],
): Promise<(FiredPolicy & { readonly scheduleId: ScheduleId })[]> {
  if (scheduleIds.length === 0) return [];
  return db
    .selectFrom('policy_schedules')
    .innerJoin('policies', 'policies.id', 'policy_schedules.policy_id')
    .select(['policies.id', 'owner_id as ownerId', 'account_id as accountId', 'name', 'schedule_id as scheduleId'])
    .select((from) =>
      from.exists(from.selectFrom('policy_targets').whereRef('policy_id', '=', 'policies.id')).as('hasTargets'),
    )
    .where('schedule_id', 'in', scheduleIds)
    .where('removed_at', 'is', null)
    .where('enabled', '=', true)
    .$narrowType<{ hasTargets: boolean }>()
    .execute();
}

/** Takes a policy off every list and out of every schedule; its backups are removed by the retention job. */
export async function markPolicyRemoved(
  tx: Kysely<Database>,
  ownerId: UserId,
  policyId: PolicyId,
  at: Instant,
): Promise<void> {
  await tx
    .updateTable('policies')
    .set({ removed_at: asTimestamp(at), enabled: false })
    .where('owner_id', '=', ownerId)
    .where('id', '=', policyId)
    .execute();
  await tx.deleteFrom('policy_schedules').where('policy_id', '=', policyId).execute();
  await announce(tx, ownerId, 'policy', policyId);
}

/** Locks a policy against changes and other firings until the transaction ends. */
export async function lockPolicy(tx: Kysely<Database>, policyId: PolicyId): Promise<void> {
  await sql`select 1 from policies where id = ${policyId} for update`.execute(tx);
}
