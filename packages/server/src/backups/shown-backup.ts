import type { Backup } from '@cpm/contract';
import { describeBackup, formatInstant, type Instant } from '@cpm/core';
import type { BackupRow } from './backups.store.ts';

const iso = (at: Instant | null): string | null => (at === null ? null : formatInstant(at));

/** A backup as the API shows it. */
export function shownBackup(row: BackupRow): Backup {
  const { ownerId: _, policyId, policyName, accountId, accountName, phase, status, ...fields } = row;
  const { retryOf, retryNumber, retryAt, abortRequestedAt, abortRequestedBy, ...unaborted } = fields;
  const { frozenAt, frozenName, frozenDescription, frozenBy, ...others } = unaborted;
  const { deletionMarkedAt, deletionReason, deletedAt, dueAt, startedAt, endedAt, ...plain } = others;
  const deletionAt = deletedAt ?? deletionMarkedAt;
  return {
    ...plain,
    policy: { id: policyId, name: policyName },
    account: { id: accountId, name: accountName },
    dueAt: iso(dueAt),
    startedAt: formatInstant(startedAt),
    endedAt: iso(endedAt),
    phase,
    status: status ?? 'in-progress',
    statusText: describeBackup(phase, status, row.progressPercent),
    retry: row.trigger === 'retry' ? { of: retryOf, number: retryNumber } : null,
    retryAt: iso(retryAt),
    abort: abortRequestedAt === null ? null : { at: formatInstant(abortRequestedAt), by: abortRequestedBy ?? '' },
    frozen:
      frozenAt === null
        ? null
        : { at: formatInstant(frozenAt), name: frozenName ?? '', description: frozenDescription, by: frozenBy ?? '' },
    deletion:
      deletionAt === null
        ? null
        : {
            state: deletedAt === null ? 'marked' : 'deleted',
            at: formatInstant(deletionAt),
            reason: deletionReason ?? '',
          },
  };
}
