import type { NewTarget, ScheduleInput } from '@cpm/contract';
import { parseInstant, type ScheduleRule } from '@cpm/core';
import type { KeptFrom } from '../../invariants/i03-retention.ts';
import { reckonDueSlots } from '../../invariants/i04-slots.ts';
import { sdkDriver } from '../../../packages/simulator/src/testing/sdk-driver.ts';
import type { Shape } from '../../../packages/simulator/src/testing/driver.ts';
import type { Chance } from '../support/random.ts';
import type { Stage } from '../support/stage.ts';
import { KEYS, type Asset } from './estate.ts';

export type TownPolicy = {
  readonly id: string;
  readonly name: string;
  scheduleIds: string[];
  enabled: boolean;
  generations: number;
};
export type TownSchedule = { readonly id: string; readonly name: string; rule: Omit<ScheduleInput, 'name'> };

/** All that goes on in a run: who is there, what they have set up, and what must come of it. */
export type Town = {
  readonly chance: Chance;
  readonly stage: Stage;
  readonly slots: ReturnType<typeof reckonDueSlots>;
  readonly kept: KeptFrom[];
  /** What is in AWS and can still be backed up. */
  readonly assets: Asset[];
  /** By id the policy that backs an asset up: two that came to one volume at one moment would take turns as chance has it. */
  readonly holders: Map<string, string>;
  /** Names of everything that was ever there, by id. */
  readonly names: Map<string, string>;
  readonly policies: TownPolicy[];
  readonly schedules: TownSchedule[];
  readonly accountId: () => string;
  /** How often what happened. */
  readonly figures: Map<string, number>;
  /** What people do in AWS behind CPM's back. */
  readonly act: (region: string, action: string, input: object, service?: 'ec2' | 'rds' | 'redshift') => Promise<Shape>;
  readonly count: (what: string) => void;
  /** A number that nothing had before. */
  readonly serial: () => number;
};

export function targetOf({ kind, region, id }: Asset): NewTarget {
  return kind === 'instance'
    ? { kind, region, resourceId: id, volumes: { take: 'all' } }
    : { kind, region, resourceId: id };
}

const hands = sdkDriver();

/** Acts as the company's administrators do. */
export function handsOf(stage: Stage): Town['act'] {
  return (region, action, input, service = 'ec2') =>
    hands.call({ url: stage.aws.url, service, region, ...KEYS.people }, action, input);
}

/** Tells the reckoning of a schedule as it is from now on. */
export function noteSchedule({ slots, stage }: Town, { id, rule }: TownSchedule): void {
  const endAt = rule.endAt === null || rule.endAt === undefined ? null : parseInstant(rule.endAt);
  const known = { ...rule, endAt, enabled: rule.enabled ?? true } as unknown as ScheduleRule & { enabled: boolean };
  slots.setSchedule(id, known, stage.clock.now());
}

/** Tells the reckoning of a policy as it is from now on. */
export function notePolicy({ slots, kept, stage }: Town, { id, enabled, scheduleIds, generations }: TownPolicy): void {
  slots.setPolicy(id, { enabled, scheduleIds: [...scheduleIds] });
  kept.push({ policyId: id, from: stage.awsNow(), generations });
}
