import type { Truth } from './truth.ts';

const WHOLE = new Set(['completed', 'deleted']);

/** I6: a backup is called successful only when every snapshot of it completed and every script of it succeeded. */
export function findFalseGreen({ backups, records, scripts }: Truth): string[] {
  const green = new Set(backups.filter(({ status }) => status === 'successful').map(({ id }): string => id));
  const snapshots = records
    .filter(({ backupId, state }) => green.has(backupId) && !WHOLE.has(state))
    .map(
      ({ backupId, sourceId, state }) =>
        `I6: the backup ${backupId} is successful, and its snapshot of ${sourceId} is ${state}`,
    );
  const failed = scripts
    .filter((script) => green.has(script.backup_id) && script.state !== 'succeeded')
    .map(
      (script) =>
        `I6: the backup ${script.backup_id} is successful, and its script "${script.step}" has ${script.state}`,
    );
  return [...snapshots, ...failed];
}
