import type { Recovery } from '@cpm/contract';
import { formatInstant, showSteps } from '@cpm/core';
import type { RecoveryRow } from './recoveries.store.ts';
import type { ObjectRow } from './recovery-objects.store.ts';
import { rollBackOf } from './roll-back.ts';

const STATUS_TEXT = {
  'in-progress': 'In progress',
  successful: 'Recovery Successful',
  partial: 'Recovery Partially Successful',
  failed: 'Recovery Failed',
} as const;

/** A recovery as the API tells it: without its plan, which may hold secrets. */
export function shownRecovery(recovery: RecoveryRow, objects: readonly ObjectRow[]): Recovery {
  const { id, backupId, policyName, accountName, kind, region, sourceName, groupId, usesOwnCredentials } = recovery;
  const { step, progressPercent, startedAt, endedAt, planned, inputs } = recovery;
  const status = recovery.status ?? 'in-progress';
  const endedWell = endedAt === null ? null : status === 'successful';
  return {
    id,
    backupId,
    policyName,
    accountName,
    kind,
    region,
    sourceName,
    groupId,
    usesOwnCredentials,
    status,
    statusText: status === 'in-progress' ? `${STATUS_TEXT[status]} (${progressPercent}%)` : STATUS_TEXT[status],
    step,
    steps: [...showSteps(recovery.steps, recovery.stepNumber, endedWell)],
    progressPercent,
    reasons: recovery.reasons,
    warnings: recovery.warnings,
    startedAt: formatInstant(startedAt),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
    planned,
    objects: objects.map(({ kind: of, role, awsId, region: where, state, note, madeAt }) => ({
      kind: of,
      role,
      awsId,
      region: where,
      state,
      note,
      madeAt: formatInstant(madeAt),
    })),
    inputs,
    rollBack: rollBackOf(recovery, objects),
  };
}
