import { cpmError, formatInstant, type Instant, type RecoveryId } from '@cpm/core';
import type { AwsCredentials } from '@cpm/aws/port';
import { lockBackupForJob, type BackupRow } from '../backups/backups.store.ts';
import type { ServerContext } from '../context.ts';
import { enqueueJob } from '../engine/jobs.ts';
import { appendLog, info, warning } from '../logs/log-lines.store.ts';
import { failuresOf, type PlannedRecovery } from './planned-recovery.ts';
import { createRecovery, planBinding } from './recoveries.store.ts';

/** The kind of job that carries a kind of recovery out. */
export const jobOf = (kind: PlannedRecovery['kind']): string =>
  kind === 'volumes' ? 'recover-volumes' : `recover-${kind}`;

export type Start = {
  readonly id: RecoveryId;
  readonly planned: PlannedRecovery;
  /** What was asked for, as it may be shown. */
  readonly inputs: Record<string, unknown>;
};

type Request = {
  readonly backup: BackupRow;
  readonly region: string;
  readonly credentials: AwsCredentials | null;
  readonly groupId: string | null;
  readonly at: Instant;
};

/**
 * Stores recoveries of one backup and their jobs together: all or none. Throws `recovery_refused` with every wrong field
 * where a check of any failed, and `conflict_being_deleted` where retention was faster.
 */
export async function startRecoveries(
  { db, secrets, recoveryCredentials }: ServerContext,
  { backup, region, credentials, groupId, at }: Request,
  starts: readonly Start[],
): Promise<void> {
  const fields = starts.flatMap(({ planned }, index) =>
    failuresOf(planned).map(({ path, message }) => ({
      path: groupId === null ? path : [`instances.${index}`, path].filter(Boolean).join('.'),
      message,
    })),
  );
  if (fields.length > 0) throw cpmError('recovery_refused', { fields });
  // Before the job can be claimed.
  if (credentials !== null) for (const { id } of starts) recoveryCredentials.hold(id, credentials);
  try {
    await db.transaction().execute(async (tx) => {
      // Retention and this meet at the backup's row: what is marked is not read any more, what is read is not marked.
      const now = await lockBackupForJob(tx, backup.id);
      if (now.deletionMarkedAt !== null) throw beingDeleted(now);
      for (const { id, planned, inputs } of starts) {
        const { kind, sourceName, warnings, objects, steps } = planned;
        await createRecovery(tx, {
          id,
          kind,
          region,
          sourceName,
          inputs,
          ownerId: backup.ownerId,
          backupId: backup.id,
          policyId: backup.policyId,
          policyName: backup.policyName,
          accountId: backup.accountId,
          accountName: backup.accountName,
          sealedPlan: secrets.seal(JSON.stringify(planned.plan), planBinding(id)),
          warnings: [...warnings],
          steps: [...steps],
          planned: [...objects],
          usesOwnCredentials: credentials !== null,
          groupId,
          startedAt: at,
        });
        await appendLog(tx, id, at, [
          info(`recovery of ${sourceName} in ${region} from the backup of ${formatInstant(backup.startedAt)}`),
          ...warnings.map((text) => warning(text)),
        ]);
        await enqueueJob(tx, {
          kind: jobOf(kind),
          subjectId: id,
          ownerId: backup.ownerId,
          uniqueKey: id,
          priority: 20,
        });
      }
    });
  } catch (error) {
    for (const { id } of starts) recoveryCredentials.forget(id);
    throw error;
  }
}

export const beingDeleted = ({ deletionReason }: BackupRow) =>
  cpmError('conflict_being_deleted', { params: { why: deletionReason ?? '' } });
