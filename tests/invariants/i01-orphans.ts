import { isSnapshot, SERVICE_OF, type Truth } from './truth.ts';

const KNOWN = new Set(['pending', 'completed', 'error']);

/** I1: every snapshot in AWS that CPM made belongs to exactly one record, which knows it. */
export function findOrphans({ ours, records }: Truth): string[] {
  return ours.filter(isSnapshot).flatMap(({ id, region, type, tags }) => {
    const found = records.filter(
      (record) => record.awsSnapshotId === id && record.region === region && record.service === SERVICE_OF[type],
    );
    const [record] = found;
    if (record === undefined || found.length > 1) return [`I1: ${id} in ${region} is in ${found.length} records`];
    const isItsOwn = record.attemptId === tags['cpm:attempt'] && record.backupId === tags['cpm:backup'];
    return [
      ...(KNOWN.has(record.state) ? [] : [`I1: ${id} exists, and its record says ${record.state}`]),
      ...(isItsOwn ? [] : [`I1: ${id} carries the tags of another attempt or backup than its record`]),
    ];
  });
}
