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
  const undone = undoneBy(objects);
  const reasons = [...settledReasons];
  if (settled !== null) return { state: STATES[settled], reasons, objects: undone };
  if (endedAt === null) return { state: 'impossible', reasons: ['it has not ended yet'], objects: [] };
  if (undone.length === 0) return { state: 'impossible', reasons: ['nothing of it is left in AWS'], objects: [] };
  return { state: 'offered', reasons, objects: undone };
}

/** What rolling back does, thing by thing. */
export const undoneBy = (objects: readonly ObjectRow[]): PlannedObject[] =>
  objects
    .filter(({ role, state, awsId }) => role === 'made' && state === 'kept' && awsId !== null)
    .map(({ kind, awsId, note }) => ({ action: 'delete', kind, name: awsId ?? '', note }));
