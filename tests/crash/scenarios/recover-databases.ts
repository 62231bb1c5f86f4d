import type { BackedUpResource, Backup, NewTarget, Recovery } from '@cpm/contract';
import { addAccount, addPolicy, resourcesOf, runBackup } from '../../flows/support/stories.ts';
import { playRecovery, rollBackAll, type RecoveryWish } from './recovery-play.ts';
import type { Scenario, Scene } from './scenario.ts';

type BackedUp = {
  readonly backup: Backup;
  readonly resource: BackedUpResource;
  /** What is made in a play is called so, and so are members with a number behind it. */
  readonly called: string;
};
type Wish = RecoveryWish<BackedUp>;

const region = 'us-east-1';

/** Takes away what was recovered, by CPM's own hands: an account holds 40 databases and not one more. */
async function removeAll(scene: Scene, { id }: Recovery): Promise<void> {
  await rollBackAll(scene, id);
  await scene.runUntil('all is taken away', async () => {
    const { rollBack } = await scene.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: id } });
    return rollBack.state === 'done';
  });
}

const database: Wish = {
  ask: ({ anna }, { backup, resource, called }) =>
    anna.call('POST /backups/:backupId/recoveries/databases', {
      params: { backupId: backup.id },
      body: { resourceId: resource.id, databaseId: called },
    }),
  objects: 'database kept',
  made: 'db-instance',
  tidy: removeAll,
};

const cluster: Wish = {
  ask: ({ anna }, { backup, resource, called }) =>
    anna.call('POST /backups/:backupId/recoveries/database-clusters', {
      params: { backupId: backup.id },
      body: { resourceId: resource.id, clusterId: called },
    }),
  objects: 'database-cluster kept, database kept, database kept',
  made: 'db-cluster, db-instance, db-instance',
  tidy: removeAll,
};

const warehouse: Wish = {
  ask: ({ anna }, { backup, resource, called }) =>
    anna.call('POST /backups/:backupId/recoveries/redshift-clusters', {
      params: { backupId: backup.id },
      body: { resourceId: resource.id, clusterId: called },
    }),
  objects: 'redshift-cluster kept',
  made: 'redshift-cluster',
  tidy: removeAll,
};

const takenBack: Wish = {
  ...cluster,
  objects: 'database-cluster removed, database removed, database removed',
  made: '',
  settle: rollBackAll,
  tidy: async () => undefined,
};

const recover = (name: string, story: string, wish: Wish, target: NewTarget): Scenario => ({
  name,
  story,
  async prepare(scene) {
    const account = await addAccount(scene.anna);
    const policy = await addPolicy(scene.anna, { account, targets: [target] });
    const backup = await runBackup(scene, policy);
    const [resource] = await resourcesOf(scene, backup);
    if (resource === undefined) throw new Error('there is nothing in the backup');
    let plays = 0;
    return async () => {
      // Of two recoveries in the same instant neither is the newer one.
      await scene.clock.advance(60_000);
      return playRecovery(scene, wish, { backup, resource, called: `back-${(plays += 1)}` });
    };
  },
});

export const recoverDatabase = recover(
  'recover-database',
  'a database is restored, and its deletion protection set again',
  database,
  { kind: 'database', region, resourceId: 'acme-crm' },
);
const SHOP: NewTarget = { kind: 'database-cluster', region, resourceId: 'acme-shop' };
export const recoverCluster = recover(
  'recover-cluster',
  'an Aurora cluster is restored with its two members',
  cluster,
  SHOP,
);
export const recoverWarehouse = recover('recover-warehouse', 'a Redshift cluster is restored', warehouse, {
  kind: 'redshift-cluster',
  region,
  resourceId: 'acme-warehouse',
});
export const rollBackCluster = recover(
  'roll-back-cluster',
  'a restored Aurora cluster is deleted with its members',
  takenBack,
  SHOP,
);
