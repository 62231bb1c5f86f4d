import type { DatabaseSource, FieldError } from '@cpm/core';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import type { Asked } from './planned-recovery.ts';

/** The snapshot that a database or cluster comes back from, as AWS has it now; or why there is none. */
export type FoundSource =
  | { readonly source: DatabaseSource; readonly snapshot: SnapshotRow }
  | { readonly errors: readonly FieldError[] };

const refuse = (message: string): FoundSource => ({ errors: [{ path: '', message }] });

export async function findDatabaseSource(asked: Asked, resource: ResourceRow): Promise<FoundSource> {
  const snapshot = asked.snapshots.find(({ resourceId, service }) => resourceId === resource.id && service !== 'ebs');
  const awsSnapshotId = snapshot?.awsSnapshotId ?? null;
  if (snapshot === undefined || awsSnapshotId === null) return refuse('the backup holds no snapshot of it');
  if (snapshot.state !== 'completed') return refuse(`its snapshot ${awsSnapshotId} did not complete`);
  const found = await describeSource(asked, snapshot, awsSnapshotId);
  if (found === undefined) return refuse(`AWS does not show the snapshot ${awsSnapshotId} any more`);
  const { state, ...source } = found;
  if (state !== 'available') return refuse(`AWS cannot restore the snapshot ${awsSnapshotId} now: it is ${state}`);
  return { snapshot, source };
}

async function describeSource(
  { access: { rds, redshift } }: Asked,
  { service, sourceId }: SnapshotRow,
  awsSnapshotId: string,
): Promise<(DatabaseSource & { readonly state: string }) | undefined> {
  if (service === 'redshift') {
    const [found] = await redshift.describeClusterSnapshots([awsSnapshotId]);
    if (found === undefined) return undefined;
    const { state, restorableNodeTypes, version } = found;
    return {
      awsSnapshotId,
      sourceId,
      state,
      restorableNodeTypes,
      engine: 'redshift',
      engineVersion: version,
      sizeGiB: null,
    };
  }
  const read = service === 'rds' ? rds.describeDatabaseSnapshots : rds.describeDatabaseClusterSnapshots;
  const [found] = await read([awsSnapshotId]);
  if (found === undefined) return undefined;
  const { state, engine, engineVersion, sizeGiB } = found;
  return { awsSnapshotId, sourceId, state, engine, engineVersion, sizeGiB, restorableNodeTypes: [] };
}
