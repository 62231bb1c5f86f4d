import { isCpmError, isDatabaseKind } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf } from '../accounts/database-ports.ts';
import { describeError } from '../logs/describe-error.ts';
import type { TargetRow } from '../policies/targets.store.ts';
import type { BackupRun } from './backup-run.ts';
import { planRegion, refusedRegion, type RegionPlan } from './plan-backup.ts';
import { databaseTargets, joinPlans, planDatabases } from './plan-databases.ts';

/** What is to be done in a region, by what exists there now. What AWS refuses to tell fails its targets and nothing else. */
export async function readPlan(run: BackupRun, region: string): Promise<RegionPlan> {
  const { context, job, backup, settings, targets } = run;
  const here = targets.filter(({ target }) => target.region === region);
  const volumes = here.filter(({ target }) => !isDatabaseKind(target.kind));
  const options = { signal: job.signal };
  const at = context.clock.now();
  const plans = await Promise.all([
    volumes.length === 0
      ? null
      : orRefused(
          volumes,
          planRegion(ec2Of(context, backup.accountId, region, options), volumes, {
            at,
            readsVolumeTags: settings.copySourceTags,
          }),
        ),
    databaseTargets(here).length === 0
      ? null
      : planDatabases(databasePortsOf(context, backup.accountId, region, options), here),
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
