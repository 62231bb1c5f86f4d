import { checkTogether, summarizeChecks, type FieldError, type InstancePlan } from '@cpm/core';
import { launchSurroundings, type LaunchSurroundings } from './launch-surroundings.ts';
import type { Planned } from './plan-request.ts';
import type { Asked } from './planned-recovery.ts';

/** What instances that are planned in one go share: each region is read once. */
export type SharedSurroundings = {
  readonly for: (asked: Asked) => LaunchSurroundings;
  /** Of a region that was asked for before. */
  readonly of: (region: string) => LaunchSurroundings;
};

export function sharedSurroundings(): SharedSurroundings {
  const byRegion = new Map<string, LaunchSurroundings>();
  const of = (region: string): LaunchSurroundings => {
    const known = byRegion.get(region);
    if (known === undefined) throw new Error(`nothing was planned in ${region}`);
    return known;
  };
  return {
    of,
    for: ({ access: { region, ec2 }, snapshots }) => {
      const here = snapshots.filter((each) => each.region === region && each.service === 'ebs');
      if (!byRegion.has(region)) byRegion.set(region, launchSurroundings(ec2, here));
      return of(region);
    },
  };
}

/** The launch of an instance's plan, where it has one. */
const launchOf = (plan: object | null): InstancePlan['launch'] =>
  plan !== null && 'launch' in plan ? (plan.launch as InstancePlan['launch']) : null;

/** Plans that are each right by themselves, with what is wrong with them together among their checks. */
export async function checkPlansTogether(
  planned: readonly Planned[],
  surroundings: LaunchSurroundings,
): Promise<Planned[]> {
  const launches = planned.map(({ planned: { plan } }) => launchOf(plan));
  const errors = checkTogether(launches, await surroundings.common());
  return planned.map((each, index) => {
    const prefix = `instances.${index}.`;
    const own = errors
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, message }): FieldError => ({ path: path.slice(prefix.length), message }));
    if (own.length === 0) return each;
    const others = each.planned.checks.filter(({ name }) => name !== 'network');
    const checks = [...others, ...summarizeChecks([{ name: 'network', fails: own }])];
    return { ...each, planned: { ...each.planned, checks, plan: null } };
  });
}
