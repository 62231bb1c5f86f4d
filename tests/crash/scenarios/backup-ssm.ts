import type { Policy } from '@cpm/contract';
import { addAccount, addPolicy, named, targetOf } from '../../flows/support/stories.ts';
import { completedOf, hasSettled, newestBackup, startByHand } from './looks.ts';
import type { Play, Scenario, Scene } from './scenario.ts';

/** An instance of two volumes, and a volume. */
const SNAPSHOTS = 3;
const COMMANDS = { before: 'freeze', after: 'thaw "$1"', complete: 'tell "$1"' };

export const backupSsm: Scenario = {
  name: 'backup-ssm',
  story: 'an instance and a volume are backed up with commands that Systems Manager runs on the instance',
  async prepare(scene) {
    const [web, assets] = [await named(scene, 'web-1'), await named(scene, 'shared-assets')];
    const policy = await addPolicy(scene.anna, {
      account: await addAccount(scene.anna),
      generations: 500,
      retries: 0,
      targets: [targetOf(web), targetOf(assets)],
      scripts: { runner: 'ssm', timeoutSeconds: 60, ssm: COMMANDS },
    });
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
      if (made === null) return ['nothing was backed up'];
      const { id, status, reasons } = made;
      const count = await completedOf(scene, id);
      return [
        ...(status === 'failed' ? [`the backup failed: ${reasons.join('; ')}`] : []),
        ...(count === SNAPSHOTS ? [] : [`${count} of ${SNAPSHOTS} snapshots completed: ${reasons.join('; ')}`]),
        ...(await findCommandFaults(scene, id)),
      ];
    },
  };
}

/** I5 where AWS is the witness: each step was sent once at most, "after" if and only if "before" was on record. */
async function findCommandFaults({ aws, db }: Scene, backupId: string): Promise<string[]> {
  const commands = (await aws.things({ type: 'ssm-command' }, 'all')) as unknown as readonly {
    readonly comment: string;
  }[];
  const sent = (step: string) =>
    commands.filter(({ comment }) => comment.includes(backupId) && comment.endsWith(` ${step}`)).length;
  const records = await db.selectFrom('backup_scripts').select(['backup_id as id', 'step']).execute();
  const isBegun = records.some(({ id, step }) => id === backupId && step === 'before');
  return [
    ...['before', 'after', 'complete']
      .filter((step) => sent(step) > 1)
      .map((step) => `I5: "${step}" was sent ${sent(step)} times`),
    ...(sent('before') > 0 && sent('after') === 0 ? ['I5: "before" was sent, and "after" never was'] : []),
    ...(sent('after') > 0 && !isBegun ? ['I5: "after" was sent, and "before" never was'] : []),
  ];
}
