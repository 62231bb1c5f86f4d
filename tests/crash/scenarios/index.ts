import { abortCopying, abortFrozen } from './abort.ts';
import { backupSsm } from './backup-ssm.ts';
import { backup } from './backup.ts';
import { recoverCluster, recoverDatabase, recoverWarehouse, rollBackCluster } from './recover-databases.ts';
import {
  recoverInstance,
  recoverSwapped,
  recoverTwo,
  recoverVolume,
  recoverVolumes,
  rollBack,
  switchAndDelete,
  switchVolume,
} from './recovery.ts';
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
  recoverTwo,
  recoverVolume,
  recoverVolumes,
  switchVolume,
  switchAndDelete,
  rollBack,
  recoverDatabase,
  recoverCluster,
  recoverWarehouse,
  rollBackCluster,
];
