import type { Policy } from '@cpm/contract';
import { describeBackup, formatInstant, type Instant, type PolicyId, type PolicyScripts } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { findSchedulesOfPolicies, type StoredSchedule } from '../schedules/schedules.store.ts';
import { scriptsOf, type PolicyRow } from './policies.store.ts';
import { findQuotaWarnings } from './snapshot-quotas.ts';

/** What the newest backup of each policy is: handed in, because backups stand a floor above policies. */
export type LastBackups = (policyIds: readonly PolicyId[]) => Promise<ReadonlyMap<PolicyId, LastBackup>>;
type LastBackup = {
  readonly id: string;
  readonly startedAt: Instant;
  readonly phase: Parameters<typeof describeBackup>[0];
  readonly status: Parameters<typeof describeBackup>[1];
  readonly progressPercent: number;
};

/** What the newest recovery from the backups of each policy is; handed in like `LastBackups`. */
export type LastRecoveries = (policyIds: readonly PolicyId[]) => Promise<ReadonlyMap<PolicyId, LastRecovery>>;
type LastRecovery = {
  readonly id: string;
  readonly startedAt: Instant;
  readonly status: string;
  readonly statusText: string;
};

/** Whether a policy is overdue, and when its last backup is tried again; handed in like `LastBackups`. */
export type PolicyStates = (policyIds: readonly PolicyId[]) => Promise<ReadonlyMap<PolicyId, PolicyState>>;
type PolicyState = {
  readonly overdue: { readonly dueAt: Instant; readonly reason: string } | null;
  readonly waitingRetryAt: Instant | null;
};

/** What is known of the runs of policies: handed in, because backups stand a floor above policies. */
export type RunsOfPolicies = {
  readonly lastBackups: LastBackups;
  readonly lastRecoveries: LastRecoveries;
  readonly policyStates: PolicyStates;
};

/** Policies as the API shows them (POL-9), with what keeps each from protecting anything. */
export async function showPolicies(
  context: ServerContext,
  policies: readonly PolicyRow[],
  { lastBackups, lastRecoveries, policyStates }: RunsOfPolicies,
): Promise<Policy[]> {
  const ids = policies.map(({ id }) => id);
  const [schedules, last, recoveries, states, shortages] = await Promise.all([
    findSchedulesOfPolicies(context.db, ids),
    lastBackups(ids),
    lastRecoveries(ids),
    policyStates(ids),
    findQuotaWarnings(context.db, policies),
  ]);
  const byPolicy = Map.groupBy(schedules, ({ policyId }) => policyId);
  return policies.map((policy) => {
    const { warnings, ...rest } = shown(policy, byPolicy.get(policy.id) ?? [], last.get(policy.id));
    const state = shownState(states.get(policy.id));
    const lastRecovery = shownRecovery(recoveries.get(policy.id));
    return { ...rest, ...state, lastRecovery, warnings: [...warnings, ...(shortages.get(policy.id) ?? [])] };
  });
}

function shown(
  policy: PolicyRow,
  schedules: readonly StoredSchedule[],
  last: LastBackup | undefined,
): Omit<Policy, 'lastRecovery' | 'overdue' | 'waitingRetryAt'> {
  const { accountId, accountName, createdAt, id, name, description, enabled, generations, revision } = policy;
  const { autoTargetRemoval, successRule, retries, retryWaitMinutes, copySourceTags, targetCount } = policy;
  const due = schedules.flatMap(({ nextDueAt }) => (nextDueAt === null ? [] : [nextDueAt]));
  return {
    id,
    name,
    description,
    enabled,
    generations,
    autoTargetRemoval,
    successRule,
    retries,
    retryWaitMinutes,
    copySourceTags,
    targetCount,
    revision,
    account: { id: accountId, name: accountName },
    scripts: shownScripts(scriptsOf(policy)),
    schedules: schedules.map((schedule) => ({
      id: schedule.id,
      name: schedule.name,
      warning: scheduleWarning(schedule),
    })),
    lastBackup:
      last === undefined
        ? null
        : {
            id: last.id,
            startedAt: formatInstant(last.startedAt),
            status: last.status ?? 'in-progress',
            statusText: describeBackup(last.phase, last.status, last.progressPercent),
          },
    nextFiringAt: policy.enabled && due.length > 0 ? formatInstant(Math.min(...due) as Instant) : null,
    warnings: policyWarnings(policy, schedules),
    createdAt: formatInstant(createdAt),
  };
}

const shownRecovery = (last: LastRecovery | undefined): Policy['lastRecovery'] =>
  last === undefined ? null : { ...last, startedAt: formatInstant(last.startedAt) };

function shownState(state: PolicyState | undefined): Pick<Policy, 'overdue' | 'waitingRetryAt'> {
  const { overdue = null, waitingRetryAt = null } = state ?? {};
  return {
    overdue: overdue === null ? null : { dueAt: formatInstant(overdue.dueAt), reason: overdue.reason },
    waitingRetryAt: waitingRetryAt === null ? null : formatInstant(waitingRetryAt),
  };
}

const shownScripts = ({ ssm, ...scripts }: PolicyScripts): Policy['scripts'] => ({
  ...scripts,
  ssm: ssm === null ? null : { ...ssm, instanceIds: [...ssm.instanceIds] },
});

function scheduleWarning({ neverFires, enabled, nextDueAt }: StoredSchedule): string | null {
  if (neverFires) return 'It can never fire.';
  if (!enabled) return 'It is disabled.';
  return nextDueAt === null ? 'It has ended.' : null;
}

/** U06: what keeps a policy from protecting anything, in words. */
function policyWarnings(policy: PolicyRow, schedules: readonly StoredSchedule[]): string[] {
  const warnings: string[] = [];
  if (!policy.enabled) warnings.push('The policy is disabled: it starts no backup.');
  if (policy.targetCount === 0) warnings.push('The policy has no targets: there is nothing to back up.');
  if (schedules.length === 0) warnings.push('The policy has no schedule: it runs only by hand.');
  else if (schedules.every(({ nextDueAt }) => nextDueAt === null)) warnings.push('None of its schedules will fire.');
  return warnings;
}
