import { abortCopying, abortFrozen } from './abort.ts';
import { backupSsm } from './backup-ssm.ts';
import { backup } from './backup.ts';
import { recoverInstance, recoverSwapped, recoverVolume, rollBack, switchAndDelete, switchVolume } from './recovery.ts';
import { retention } from './retention.ts';
import { retry } from './retry.ts';
import type { Scenario } from './scenario.ts';

/** All scenarios of the crash matrix. */
export const SCENARIOS: readonly Scenario[] = [
  backup,
  backupSsm,
  retry,
  retention,
  abortFrozen,
  abortCopying,
  recoverInstance,
  recoverSwapped,
  recoverVolume,
  switchVolume,
  switchAndDelete,
  rollBack,
];
