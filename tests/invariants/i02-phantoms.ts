import { isSnapshot, SERVICE_OF, type Truth } from './truth.ts';

const DONE = new Set(['completed', 'available']);

/** I2: whatever a record shows as completed exists and is completed, in a backup that is said to be recoverable. */
export function findPhantoms({ ours, records, backups, resources }: Truth): string[] {
  const byId = new Map(
    ours.filter(isSnapshot).map((thing) => [`${SERVICE_OF[thing.type]} ${thing.region} ${thing.id}`, thing]),
  );
  const completed = records.filter(({ state }) => state === 'completed');
  const lost = completed
    .filter(
      ({ service, region, awsSnapshotId }) =>
        !DONE.has(byId.get(`${service} ${region} ${awsSnapshotId ?? ''}`)?.state ?? ''),
    )
    .map(({ awsSnapshotId, sourceId }) => `I2: ${awsSnapshotId} of ${sourceId} is on record as completed, and is not`);
  const holds = new Set([
    ...completed.map(({ backupId }) => backupId),
    ...resources
      .filter(({ state, isRecorded }) => state === 'configuration-only' && isRecorded)
      .map(({ backupId }) => backupId),
  ]);
  const empty = backups
    .filter(({ id, recoverable }) => recoverable && !holds.has(id))
    .map(({ id }) => `I2: the backup ${id} is shown as recoverable and holds nothing`);
  return [...lost, ...empty];
}
