import { addAccount, addPolicy, named, targetOf } from '../../flows/support/stories.ts';
import { holdScripts, readTrace, writeTracedScripts } from '../support/traced-scripts.ts';
import { hasSettled, isRefusal, newestBackup, startByHand } from './looks.ts';
import type { Play, Scenario, Scene } from './scenario.ts';

/** When somebody thinks better of it. */
type Moment = {
  readonly name: string;
  readonly story: string;
  /** Makes sure that the moment comes; answers how to put that right again. */
  readonly arrange: (scene: Scene) => Promise<() => Promise<void>>;
  readonly hasCome: (scene: Scene, backup: { readonly id: string; readonly phase: string }) => Promise<boolean>;
};

const COPYING_TAKES_MS = 15 * 60_000;
const COPYING_TOOK_MS = 5_000;

const inFreeze: Moment = {
  name: 'abort-frozen',
  story: 'a backup is aborted while its "before" runs',
  arrange: (scene) => holdScripts(scene, 'before'),
  hasCome: async (scene, { id }) => (await readTrace(scene)).some(({ backupId }) => backupId === id),
};

const whileCopying: Moment = {
  name: 'abort-copying',
  story: 'a backup is aborted while AWS copies its blocks',
  async arrange({ aws }) {
    await aws.change({ timing: { snapshotBaseMs: COPYING_TAKES_MS } });
    return () => aws.change({ timing: { snapshotBaseMs: COPYING_TOOK_MS } });
  },
  hasCome: async (_scene, { phase }) => phase === 'waiting',
};

const abortAt = (moment: Moment): Scenario => ({
  name: moment.name,
  story: moment.story,
  async prepare(scene) {
    const [web, assets] = [await named(scene, 'web-1'), await named(scene, 'shared-assets')];
    const account = await addAccount(scene.anna);
    await writeTracedScripts(scene, moment.name);
    const policy = await addPolicy(scene.anna, {
      account,
      name: moment.name,
      targets: [targetOf(web), targetOf(assets)],
      generations: 500,
      retries: 3,
      scripts: { runner: 'server', timeoutSeconds: 60 },
    });
    return async (): Promise<Play> => {
      const putRight = await moment.arrange(scene);
      const since = await startByHand(scene, policy);
      let isAborted = false;
      return {
        async isOver() {
          const made = await newestBackup(scene, policy, since);
          if (made === null) return false;
          if (made.ended_at !== null) {
            await putRight();
            return hasSettled(scene, policy);
          }
          if (!isAborted && (await moment.hasCome(scene, made))) isAborted = await abort(scene, made.id);
          return false;
        },
        async findFaults() {
          const made = await newestBackup(scene, policy, since);
          if (made === null) return ['nothing was backed up'];
          const { status, reasons, retry_at: retryAt, abort_requested_by: by } = made;
          return [
            ...(isAborted && by === null ? ['the abort is not on record'] : []),
            ...(by === null || status === 'failed' ? [] : [`the aborted backup is ${status}: ${reasons.join('; ')}`]),
            ...(by === null || retryAt === null ? [] : ['an aborted backup is tried again']),
          ];
        },
      };
    };
  },
});

/** Asks for the abort; false where the backup has ended meanwhile. */
async function abort({ anna }: Scene, backupId: string): Promise<boolean> {
  const params = { backupId };
  try {
    await anna.call('POST /backups/:backupId/abort', { params });
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

export const abortFrozen = abortAt(inFreeze);
export const abortCopying = abortAt(whileCopying);
