import type { NewTarget, Policy } from '@cpm/contract';
import type { ScheduleId, ScheduleRule } from '@cpm/core';
import { addAccount, addPolicy, addSchedule, letPass, named, targetOf } from '../../flows/support/stories.ts';
import { writeTracedScripts } from '../support/traced-scripts.ts';
import { completedOf, hasSettled, newestBackup } from './looks.ts';
import type { Play, Scenario, Scene } from './scenario.ts';

const region = 'us-east-1';
export const DATABASES: readonly NewTarget[] = [
  { kind: 'database', region, resourceId: 'acme-billing' },
  { kind: 'redshift-cluster', region, resourceId: 'acme-warehouse' },
];
/** Two instances of two volumes, one of a single one in another region, a volume, a database, a Redshift cluster. */
const SNAPSHOTS = 8;

export const backup: Scenario = {
  name: 'backup',
  story: 'a due slot backs up instances, a volume, a database and a Redshift cluster, with scripts',
  async prepare(scene) {
    const things = await Promise.all(['web-1', 'web-2', 'web-eu-1', 'shared-assets'].map((each) => named(scene, each)));
    const account = await addAccount(scene.anna);
    const schedule = await addSchedule(scene.anna, { repeat: { every: 2, unit: 'hours' } });
    await writeTracedScripts(scene, 'nightly');
    const policy = await addPolicy(scene.anna, {
      account,
      name: 'nightly',
      generations: 500,
      retries: 0,
      scheduleIds: [schedule.id],
      targets: [...things.map((thing) => targetOf(thing)), ...DATABASES],
      scripts: { runner: 'server', timeoutSeconds: 60 },
    });
    const rule = { ...schedule, endAt: null } as unknown as ScheduleRule & { readonly enabled: boolean };
    scene.slots.setSchedule(schedule.id, rule, scene.clock.now());
    scene.slots.setPolicy(policy.id, { enabled: true, scheduleIds: [schedule.id] });
    return async () => {
      await waitForSlot(scene, schedule.id);
      return playSlot(scene, policy);
    };
  },
};

/** Until a moment before the next slot. */
async function waitForSlot(scene: Scene, scheduleId: string): Promise<void> {
  const { at } = await scene.db
    .selectFrom('schedules')
    .select('next_due_at as at')
    .where('id', '=', scheduleId as ScheduleId)
    .executeTakeFirstOrThrow();
  await letPass(scene, (at ?? 0) - scene.clock.now() - 1000);
}

/** Waits for the next slot and its backup. */
function playSlot(scene: Scene, policy: Policy): Play {
  const since = scene.clock.now();
  return {
    async isOver() {
      const made = await newestBackup(scene, policy, since);
      return made !== null && made.ended_at !== null && hasSettled(scene, policy);
    },
    async findFaults() {
      const made = await newestBackup(scene, policy, since);
      if (made === null) return ['the due slot made no backup'];
      const { status, reasons, trigger } = made;
      const count = await completedOf(scene, made.id);
      return [
        ...(trigger === 'schedule' ? [] : [`the backup was made by ${trigger}`]),
        ...(count === SNAPSHOTS ? [] : [`${count} of ${SNAPSHOTS} snapshots completed: ${reasons.join('; ')}`]),
        ...(status === 'failed' ? [`the backup failed: ${reasons.join('; ')}`] : []),
      ];
    },
  };
}
