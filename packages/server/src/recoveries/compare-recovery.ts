import type { RecoveryComparison } from '@cpm/contract';
import type { AskedInputs, ComparedField } from '@cpm/core';
import { findResources, findSnapshots, type ResourceRow, type SnapshotRow } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import { compareMadeDatabase } from './compare-made-databases.ts';
import { compareMadeInstance } from './compare-made-instances.ts';
import { compareMadeVolume } from './compare-made-volumes.ts';
import type { RecoveryRow } from './recoveries.store.ts';
import { recoveryAccess, type RecoveryAccess } from './recovery-access.ts';
import { findObjects, type ObjectRow } from './recovery-objects.store.ts';

/** What a comparison is made with: AWS where the recovery went, and the records of its backup. */
export type ComparisonScene = {
  readonly context: ServerContext;
  readonly access: RecoveryAccess;
  readonly inputs: AskedInputs;
  /** What came back, where the recovery was of one resource. */
  readonly resource: ResourceRow | undefined;
  readonly resources: readonly ResourceRow[];
  readonly snapshots: readonly SnapshotRow[];
};

/** A made thing beside its original; null where AWS does not show it any more. */
export type Compared = { readonly original: string; readonly fields: readonly ComparedField[] } | null;

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

/** A thing whose original nobody recorded, or whose record is gone with its backup. */
export const unrecorded = (original: string): Compared => ({
  original,
  fields: [{ field: 'configuration', original: 'not recorded', recovered: '', verdict: 'unknown' }],
});

/** The inputs about one snapshot, among those of several volumes. */
export function inputsOf({ inputs }: ComparisonScene, snapshotId: string): AskedInputs {
  const volumes = Array.isArray(inputs['volumes']) ? (inputs['volumes'] as readonly AskedInputs[]) : [];
  return volumes.find((each) => each['snapshotId'] === snapshotId) ?? {};
}
