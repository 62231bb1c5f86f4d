import { REDSHIFT_MANUAL_SNAPSHOTS, type DatabaseService, type SnapshotQuota } from '@cpm/core';
import type { DatabasePorts } from './database-ports.ts';

/** What AWS tells of the room for manual snapshots in a region; null where it does not tell; throws `AwsError`. */
export async function readSnapshotQuota(
  ports: DatabasePorts,
  service: DatabaseService,
): Promise<Omit<SnapshotQuota, 'ofCpm'> | null> {
  const { region, rds, redshift } = ports;
  if (service === 'redshift') {
    const used = (await redshift.listManualSnapshots()).length;
    return { region, service, used, max: REDSHIFT_MANUAL_SNAPSHOTS, isAssumed: true };
  }
  const { manualSnapshots, manualClusterSnapshots } = await rds.readQuotas();
  const quota = service === 'rds' ? manualSnapshots : manualClusterSnapshots;
  return quota === null ? null : { region, service, ...quota, isAssumed: false };
}
