import type { ExitCode } from '@cpm/core';
import type { Surroundings } from '../surroundings.ts';
import { exitCodeOfOutcome, follow } from '../terminal/follow.ts';
import { describeBackup, printBackup } from '../views/backup.ts';

/** Watches a backup until it has ended, shows it, and answers the exit code of its outcome. */
export async function followBackup(surroundings: Surroundings, backupId: string): Promise<ExitCode> {
  const { api, io, global, print } = surroundings;
  const backup = await follow({
    io,
    global,
    read: () => api('GET /backups/:backupId', { params: { backupId } }),
    describe: describeBackup,
    lookAgain: `cpm backup follow ${backupId}`,
  });
  printBackup(print, backup);
  return exitCodeOfOutcome(backup.status);
}
