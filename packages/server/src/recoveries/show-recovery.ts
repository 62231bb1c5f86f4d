import type { Recovery } from '@cpm/contract';
import { formatInstant, showSteps, type PolicyId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { findLastRecoveries, type RecoveryRow } from './recoveries.store.ts';
import type { ObjectRow } from './recovery-objects.store.ts';
import { rollBackOf } from './roll-back.ts';

const STATUS_TEXT = {
  'in-progress': 'In progress',
  successful: 'Recovery Successful',
  partial: 'Recovery Partially Successful',
  failed: 'Recovery Failed',
} as const;

/** Where a recovery stands, as a word and in words. */
export function statusOf({ status, progressPercent }: Pick<RecoveryRow, 'status' | 'progressPercent'>) {
  if (status !== null) return { status, statusText: STATUS_TEXT[status] };
  return { status: 'in-progress', statusText: `${STATUS_TEXT['in-progress']} (${progressPercent}%)` } as const;
}

/** A recovery as the API tells it: without its plan, which may hold secrets. */
export function shownRecovery(recovery: RecoveryRow, objects: readonly ObjectRow[]): Recovery {
  const { id, backupId, policyName, accountName, kind, region, sourceName, groupId, usesOwnCredentials } = recovery;
  const { step, progressPercent, startedAt, endedAt, planned, inputs } = recovery;
  const endedWell = endedAt === null ? null : recovery.status === 'successful';
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
    ...statusOf(recovery),
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

/** The newest recovery from the backups of each policy as a list of policies tells it (POL-9). */
export async function showLastRecoveries(db: Kysely<Database>, policyIds: readonly PolicyId[]) {
  const last = await findLastRecoveries(db, policyIds);
  return new Map(
    [...last].map(([policyId, row]) => [policyId, { id: row.id, startedAt: row.startedAt, ...statusOf(row) }] as const),
  );
}
