import type { RecoveryComparison } from '@cpm/contract';
import { findResources, findSnapshots } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import { compareMadeDatabase } from './compare-made-databases.ts';
import { compareMadeInstance } from './compare-made-instances.ts';
import { compareMadeVolume } from './compare-made-volumes.ts';
import type { Compared, ComparisonScene } from './comparison-scene.ts';
import type { RecoveryRow } from './recoveries.store.ts';
import { recoveryAccess } from './recovery-access.ts';
import { findObjects, type ObjectRow } from './recovery-objects.store.ts';

/** Everything that a recovery made and that is still there, beside what it was made of, as AWS has it now. */
export async function compareRecovery(
  context: ServerContext,
  recovery: RecoveryRow,
): Promise<RecoveryComparison['items']> {
  const [resources, snapshots, objects] = await Promise.all([
    findResources(context.db, recovery.backupId),
    findSnapshots(context.db, recovery.backupId),
    findObjects(context.db, [recovery.id]),
  ]);
  const { inputs } = recovery;
  const scene: ComparisonScene = {
    context,
    access: recoveryAccess(context, recovery),
    inputs,
    resource: resources.find(({ id }) => id === inputs['resourceId']),
    resources,
    snapshots,
  };
  const made = objects.filter(({ role, state, awsId }) => role === 'made' && state !== 'removed' && awsId !== null);
  const items = await Promise.all(
    made.map(async (object) => {
      const recovered = object.awsId ?? '';
      const compared = await compareMade(scene, object, recovered);
      if (compared === null) return [];
      const { original, fields } = compared;
      return [{ kind: object.kind, original, recovered, fields: [...fields] }];
    }),
  );
  return items.flat();
}

/** Images and attachments are means to an end: there was no original of them. */
async function compareMade(scene: ComparisonScene, { kind }: ObjectRow, awsId: string): Promise<Compared> {
  switch (kind) {
    case 'instance':
      return compareMadeInstance(scene, awsId);
    case 'volume':
      return compareMadeVolume(scene, awsId);
    case 'database':
    case 'database-cluster':
    case 'redshift-cluster':
      return compareMadeDatabase(scene, kind, awsId);
    case 'image':
    case 'attachment':
      return null;
  }
}
