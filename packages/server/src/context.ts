import type { AwsGateway } from '@cpm/aws/port';
import type { InstallationId, Zone } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { SecretBox } from './accounts/secret-box.ts';
import type { Clock } from './clock.ts';
import type { Database } from './db/schema.ts';
import type { DiskSpace } from './disk/disk-space.ts';
import type { RecoveryCredentials } from './recoveries/recovery-credentials.ts';
import type { ScriptRunner } from './scripts/script-runner.ts';

/** What every feature is handed by main.ts: the real parts at the edges, and who this installation is. */
export type ServerContext = {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly aws: AwsGateway;
  readonly secrets: SecretBox;
  readonly log: Logger;
  readonly installationId: InstallationId;
  /** In which the server shows and takes times where nothing else is said (SRV-5). */
  readonly serverZone: Zone;
  /** Holds all state that is not in the database. */
  readonly dataDir: string;
  readonly disk: DiskSpace;
  readonly scripts: ScriptRunner;
  readonly recoveryCredentials: RecoveryCredentials;
  /** So many snapshots AWS takes pending at once in an account and region. */
  readonly pendingSnapshots: number;
};
