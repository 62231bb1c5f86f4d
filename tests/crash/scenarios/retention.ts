import type { Policy } from '@cpm/contract';
import { addAccount, addPolicy, endOfRetention, named, runBackup, targetOf } from '../../flows/support/stories.ts';
import { DATABASES } from './backup.ts';
import { hasSettled, livingOf, newestBackup, startByHand } from './looks.ts';
import type { Play, Scenario, Scene } from './scenario.ts';

const GENERATIONS = 2;
/** An instance of two volumes, a volume, a database, a Redshift cluster. */
const SNAPSHOTS = 5;

export const retention: Scenario = {
  name: 'retention',
  story: 'a new generation of instance, volume, database and Redshift cluster pushes the oldest out of AWS',
  async prepare(scene) {
    const things = await Promise.all(['web-2', 'shared-assets'].map((each) => named(scene, each)));
    const account = await addAccount(scene.anna);
    const targets = [...things.map((thing) => targetOf(thing)), ...DATABASES];
    const policy = await addPolicy(scene.anna, { account, targets, generations: GENERATIONS, retries: 0 });
    for (let n = 0; n < GENERATIONS; n += 1) {
      await runBackup(scene, policy);
      await endOfRetention(scene, policy);
      await scene.clock.advance(60_000);
    }
    return () => begin(scene, policy);
  },
};

async function begin(scene: Scene, policy: Policy): Promise<Play> {
  const since = await startByHand(scene, policy);
  return {
    async isOver() {
      const made = await newestBackup(scene, policy, since);
      return made !== null && made.ended_at !== null && hasSettled(scene, policy);
    },
    async findFaults() {
      const made = await newestBackup(scene, policy, since);
      const living = await livingOf(scene, policy);
      const expected = GENERATIONS * SNAPSHOTS;
      return [
        ...(made?.status === 'successful' ? [] : [`the backup is ${made?.status}: ${made?.reasons.join('; ')}`]),
        ...(living.length === expected ? [] : [`${living.length} snapshots are left of ${expected}`]),
      ];
    },
  };
}
