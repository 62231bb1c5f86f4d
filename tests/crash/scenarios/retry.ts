import type { Policy } from '@cpm/contract';
import { addAccount, addPolicy, named, targetOf } from '../../flows/support/stories.ts';
import { completedOf, hasSettled, newestBackup, startByHand } from './looks.ts';
import type { Play, Scenario, Scene } from './scenario.ts';

/** An instance of two volumes, and a volume. */
const SNAPSHOTS = 3;

export const retry: Scenario = {
  name: 'retry',
  story: 'a snapshot of a backup ends in error; what AWS could not do then it can when the retry comes',
  async prepare(scene) {
    const [web, assets] = [await named(scene, 'web-1'), await named(scene, 'shared-assets')];
    const account = await addAccount(scene.anna);
    const targets = [targetOf(web), targetOf(assets)];
    const policy = await addPolicy(scene.anna, {
      account,
      targets,
      generations: 500,
      retries: 3,
      retryWaitMinutes: 10,
    });
    return () => begin(scene, policy, assets.id);
  },
};

async function begin(scene: Scene, policy: Policy, brokenVolume: string): Promise<Play> {
  const match = { action: 'CreateSnapshot', resource: brokenVolume };
  const repair = await scene.aws.fault({ kind: 'error-state', match, message: 'no key' });
  const since = await startByHand(scene, policy);
  let first: string | null = null;
  return {
    async isOver() {
      const newest = await newestBackup(scene, policy, since);
      if (newest === null || newest.ended_at === null) return false;
      if (first === null) await repair();
      first ??= newest.id;
      return newest.id !== first && newest.retry_at === null && hasSettled(scene, policy);
    },
    async findFaults() {
      const newest = await newestBackup(scene, policy, since);
      if (newest === null) return ['nothing was backed up'];
      const count = await completedOf(scene, newest.id);
      return [
        ...(newest.trigger === 'retry' ? [] : [`the newest backup is no retry, but ${newest.trigger}`]),
        ...(newest.status === 'successful' ? [] : [`the retry is ${newest.status}: ${newest.reasons.join('; ')}`]),
        ...(count === SNAPSHOTS ? [] : [`${count} of ${SNAPSHOTS} snapshots of the retry completed`]),
      ];
    },
  };
}
