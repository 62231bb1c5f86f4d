import {
  databaseServiceOf,
  describeQuotaShortage,
  isCpmError,
  isDatabaseKind,
  TARGET_KINDS,
  type AccountId,
  type DatabaseKind,
  type DatabaseService,
  type Instant,
  type PolicyId,
  type SnapshotDemand,
} from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import { databasePortsOf } from '../accounts/database-ports.ts';
import { readSnapshotQuota } from '../accounts/read-snapshot-quota.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import type { PolicyRow } from './policies.store.ts';

const KINDS = TARGET_KINDS.filter(isDatabaseKind);

type Place = { readonly accountId: AccountId; readonly region: string; readonly service: DatabaseService };

/**
 * Reads from AWS what room there is for the snapshots of a policy's databases and clusters, for the warnings of its account's
 * policies. What AWS does not tell leaves the last known figures: a warning is worth no failure.
 */
export async function readSnapshotQuotas(
  context: ServerContext,
  policy: Pick<PolicyRow, 'id' | 'accountId'>,
  at: Instant,
): Promise<void> {
  const demands = await findDemands(context.db, [policy.accountId]);
  const own = demands.filter(({ policyId }) => policyId === policy.id);
  const places = new Map(
    own.map(({ kind, region }): [string, Place] => {
      const place = { accountId: policy.accountId, region, service: databaseServiceOf(kind) };
      return [`${place.region}/${place.service}`, place];
    }),
  );
  await Promise.all([...places.values()].map((place) => readQuota(context, place, at)));
}

async function readQuota(context: ServerContext, place: Place, at: Instant): Promise<void> {
  const { accountId, region, service } = place;
  const ports = databasePortsOf(context, accountId, region, { priority: 'interactive' });
  try {
    const quota = await readSnapshotQuota(ports, service);
    if (quota === null) return;
    const { used, max, isAssumed } = quota;
    const ofCpm = await countOwn(context.db, place);
    const figures = { used, max, of_cpm: ofCpm, is_assumed: isAssumed, read_at: asTimestamp(at) };
    await context.db
      .insertInto('snapshot_quotas')
      .values({ account_id: accountId, region, service, ...figures })
      .onConflict((conflict) => conflict.columns(['account_id', 'region', 'service']).doUpdateSet(figures))
      .execute();
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    context.log.info({ err: error, account: accountId, region, service }, 'a quota of snapshots could not be read');
  }
}

async function countOwn(db: Kysely<Database>, { accountId, region, service }: Place): Promise<number> {
  const { count } = await db
    .selectFrom('snapshots')
    .select(sql<number>`count(*)`.as('count'))
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('service', '=', service)
    .where('aws_snapshot_id', 'is not', null)
    .where('state', 'in', ['pending', 'completed', 'error'])
    .executeTakeFirstOrThrow();
  return count;
}

/** For each policy whose generations do not fit into AWS's quotas of snapshots, as last read: why, in words. */
export async function findQuotaWarnings(
  db: Kysely<Database>,
  policies: readonly Pick<PolicyRow, 'id' | 'accountId'>[],
): Promise<Map<PolicyId, string[]>> {
  const accountIds = [...new Set(policies.map(({ accountId }) => accountId))];
  const demands = await findDemands(db, accountIds);
  if (demands.length === 0) return new Map();
  const quotas = await db
    .selectFrom('snapshot_quotas')
    .select(['account_id as accountId', 'region', 'service', 'used', 'max', 'of_cpm as ofCpm'])
    .select('is_assumed as isAssumed')
    .where('account_id', 'in', accountIds)
    .execute();
  return new Map(
    policies.map(({ id, accountId }) => {
      const ofAccount = demands.filter((demand) => demand.accountId === accountId);
      const own = ofAccount.filter(({ policyId }) => policyId === id);
      const others = ofAccount.filter(({ policyId }) => policyId !== id);
      const known = quotas.filter((quota) => quota.accountId === accountId);
      return [id, describeQuotaShortage(own, others, known)];
    }),
  );
}

type Demand = SnapshotDemand & { readonly policyId: PolicyId; readonly accountId: AccountId };

/** How many databases and clusters the policies of accounts name, by region and kind. */
async function findDemands(db: Kysely<Database>, accountIds: readonly AccountId[]): Promise<Demand[]> {
  if (accountIds.length === 0) return [];
  const rows = await db
    .selectFrom('policy_targets')
    .innerJoin('policies', 'policies.id', 'policy_targets.policy_id')
    .select(['policies.id as policyId', 'policies.account_id as accountId', 'policies.generations'])
    .select(['policy_targets.kind', 'policy_targets.region', sql<number>`count(*)`.as('targets')])
    .where('policies.account_id', 'in', accountIds)
    .where('policies.removed_at', 'is', null)
    .where('policy_targets.kind', 'in', KINDS)
    .groupBy(['policies.id', 'policy_targets.kind', 'policy_targets.region'])
    .orderBy('policy_targets.region')
    .orderBy('policy_targets.kind')
    .execute();
  return rows.map(({ kind, ...row }) => ({ ...row, kind: kind as DatabaseKind }));
}
