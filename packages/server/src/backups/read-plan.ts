import type { CallOptions } from '@cpm/aws/port';
import { isCpmError, isDatabaseKind, type AccountId } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf } from '../accounts/database-ports.ts';
import type { ServerContext } from '../context.ts';
import { describeError } from '../logs/describe-error.ts';
import type { TargetRow } from '../policies/targets.store.ts';
import { planRegion, refusedRegion, type RegionPlan } from './plan-backup.ts';
import { databaseTargets, joinPlans, planDatabases } from './plan-databases.ts';

/** Whose plan, and how AWS is asked. */
export type PlanRequest = CallOptions & {
  readonly context: ServerContext;
  readonly accountId: AccountId;
  readonly copySourceTags: boolean;
  readonly targets: readonly TargetRow[];
};

/** What is to be done in a region, by what exists there now. What AWS refuses to tell fails its targets and nothing else. */
export async function readPlan(request: PlanRequest, region: string): Promise<RegionPlan> {
  const { context, accountId, copySourceTags, targets, ...options } = request;
  const here = targets.filter(({ target }) => target.region === region);
  const volumes = here.filter(({ target }) => !isDatabaseKind(target.kind));
  const at = context.clock.now();
  const plans = await Promise.all([
    volumes.length === 0
      ? null
      : orRefused(
          volumes,
          planRegion(ec2Of(context, accountId, region, options), volumes, {
            at,
            readsVolumeTags: copySourceTags,
          }),
        ),
    databaseTargets(here).length === 0
      ? null
      : planDatabases(databasePortsOf(context, accountId, region, options), here),
  ]);
  return joinPlans(plans.filter((plan) => plan !== null));
}

async function orRefused(targets: readonly TargetRow[], plan: Promise<RegionPlan>): Promise<RegionPlan> {
  try {
    return await plan;
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return refusedRegion(targets, describeError(error));
  }
}
