import type { Recovery } from '@cpm/contract';
import type { PlannedObject } from '@cpm/core';
import type { RecoveryRow } from './recoveries.store.ts';
import type { ObjectRow } from './recovery-objects.store.ts';

const STATES = {
  kept: 'kept',
  'rolling-back': 'running',
  'rolled-back': 'done',
  'roll-back-failed': 'failed',
} as const;

/** Whether what a recovery made can be taken away again, what that deletes and puts back, or what came of it (F25). */
export function rollBackOf(recovery: RecoveryRow, objects: readonly ObjectRow[]): Recovery['rollBack'] {
  const { settled, settledReasons, endedAt } = recovery;
  const undone = undoneBy(objects).map((object) => plannedOf(object));
  const reasons = [...settledReasons];
  if (settled !== null) return { state: STATES[settled], reasons, objects: undone };
  if (endedAt === null) return { state: 'impossible', reasons: ['it has not ended yet'], objects: [] };
  if (undone.length === 0) return { state: 'impossible', reasons: [NOTHING_LEFT], objects: [] };
  return { state: 'offered', reasons, objects: undone };
}

/** Why there may be nothing to roll back. */
export const NOTHING_LEFT = 'nothing of it is left in AWS';

/** What rolling back has to do with: what was made and is there, deleted; what was taken off its place, put back. */
export const undoneBy = (objects: readonly ObjectRow[]): ObjectRow[] =>
  objects.filter(({ role, state, awsId, takenFrom }) => {
    if (awsId === null || state === 'removed' || state === 'creating') return false;
    return role === 'made' || takenFrom !== null;
  });

function plannedOf({ role, kind, awsId, note, takenFrom }: ObjectRow): PlannedObject {
  const name = awsId ?? '';
  if (role === 'made') return { action: 'delete', kind, name, note };
  const place = takenFrom === null ? '' : `${takenFrom.instanceId} at ${takenFrom.deviceName}`;
  return { action: 'change', kind, name, note: `put back to ${place}, where it was before` };
}
