import type { Recovery } from '@cpm/contract';
import type { ExitCode } from '@cpm/core';
import type { Surroundings } from '../surroundings.ts';
import { exitCodeOfOutcome, follow } from '../terminal/follow.ts';
import { describeRecovery, printRecovery } from '../views/recovery.ts';

/** Shows a recovery that was started; with `isAwaited` watches it until it has ended and answers its exit code. */
export async function showStarted(
  surroundings: Surroundings,
  started: Recovery,
  isAwaited: boolean,
): Promise<ExitCode | undefined> {
  const { api, io, global, print } = surroundings;
  if (!isAwaited) {
    printRecovery(print, started);
    return undefined;
  }
  const recovery = await follow({
    io,
    global,
    read: () => api('GET /recoveries/:recoveryId', { params: { recoveryId: started.id } }),
    describe: describeRecovery,
    lookAgain: `cpm recovery show ${started.id}`,
  });
  printRecovery(print, recovery);
  return exitCodeOfOutcome(recovery.status);
}
