import type { Client } from '@cpm/contract/client';
import { readResources } from './find.ts';

/** How many snapshots of a backup AWS still holds as far as the records know: what deleting it deletes. */
export async function countHeldSnapshots(api: Client, backupId: string): Promise<number> {
  const snapshots = (await readResources(api, backupId)).flatMap((resource) => resource.snapshots);
  return snapshots.filter(({ awsSnapshotId, state }) => awsSnapshotId !== null && HELD.has(state)).length;
}

const HELD: ReadonlySet<string> = new Set(['pending', 'completed', 'error']);
