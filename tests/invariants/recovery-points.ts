import type { Truth } from './truth.ts';

/**
 * REC-1: a backup is offered for a resource exactly where it can bring it back: it has ended, nobody deletes it, and it holds a
 * completed snapshot of the resource, or its configuration where no snapshot was asked for.
 */
export function findFalsePoints({ backups, resources, records }: Truth): string[] {
  const open = new Map(
    backups
      .filter((each) => each.recoverable && each.status !== null && each.deletion_marked_at === null)
      .filter((each) => each.deleted_at === null)
      .map((each) => [each.id, each]),
  );
  const held = new Set(records.filter(({ state }) => state === 'completed').map(({ resourceId }) => resourceId));
  return resources.flatMap(({ id, backupId, resourceId, state, isRecorded, pointOf, pointAt }) => {
    const backup = open.get(backupId);
    const canComeBack = backup !== undefined && (held.has(id) || (state === 'configuration-only' && isRecorded));
    const where = `${resourceId} in the backup ${backupId}`;
    if (canComeBack !== (pointOf !== null)) return [`REC-1: ${where} is ${canComeBack ? 'not ' : ''}offered`];
    return canComeBack && pointAt !== backup.started_at ? [`REC-1: ${where} is offered for another time`] : [];
  });
}
