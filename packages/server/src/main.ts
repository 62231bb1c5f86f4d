import { fileURLToPath } from 'node:url';
import { createAwsGateway, type GatewayInput } from '@cpm/aws/sdk';
import { cpmError } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { accountRoutes } from './accounts/accounts.routes.ts';
import { createSecretBox, loadMasterKey } from './accounts/secret-box.ts';
import { alertRoutes } from './alerts/alerts.routes.ts';
import { SETTLE_ATTEMPT } from './backups/abandon-attempt.ts';
import { findLastBackups } from './backups/backups.store.ts';
import { backupRoutes, policyWorkRoutes } from './backups/backups.routes.ts';
import { POLL_SNAPSHOTS } from './backups/poll-snapshots.ts';
import { findPolicyStates } from './backups/policy-states.ts';
import { pollSnapshotsKind } from './backups/poll-snapshots.job.ts';
import { RUN_BACKUP } from './backups/run-backup.ts';
import { runBackupKind } from './backups/run-backup.job.ts';
import { START_RETRY } from './backups/retries.ts';
import { settleAttemptKind } from './backups/settle-attempt.job.ts';
import { startRetryKind } from './backups/start-retry.job.ts';
import { nextFiringAt, startDueBackups } from './backups/start-due-backups.ts';
import { systemClock, type Clock } from './clock.ts';
import { PENDING_SNAPSHOTS, type Config } from './config.ts';
import type { ServerContext } from './context.ts';
import { prepareDataDirectory } from './db/launcher/cluster.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './db/launcher/embedded-postgres.ts';
import { migrate } from './db/migrate.ts';
import { openDatabase } from './db/pool.ts';
import type { Database } from './db/schema.ts';
import { createDiskSpace } from './disk/disk-space.ts';
import { watchDiskSpace } from './disk/watch-disk-space.ts';
import type { JobKind } from './engine/job-kind.ts';
import { openNotifications } from './engine/notifications.ts';
import { startTicker } from './engine/ticker.ts';
import { startWorker } from './engine/worker.ts';
import { freezerRoutes } from './freezer/freezer.routes.ts';
import { createApp, type ApiHandlers } from './http/app.ts';
import { loadCertificate } from './http/certificate.ts';
import { policyRoutes } from './policies/policies.routes.ts';
import { rollBackRecoveryKind } from './recoveries/roll-back-recovery.job.ts';
import { ROLL_BACK_RECOVERY } from './recoveries/start-roll-back.ts';
import { recoverDatabaseClusterKind } from './recoveries/recover-database-cluster.job.ts';
import { recoverDatabaseKind } from './recoveries/recover-database.job.ts';
import { recoverRedshiftClusterKind } from './recoveries/recover-redshift-cluster.job.ts';
import { recoverInstanceKind } from './recoveries/recover-instance.job.ts';
import { recoverVolumesKind } from './recoveries/recover-volumes.job.ts';
import { recoveryRoutes } from './recoveries/recoveries.routes.ts';
import { createRecoveryCredentials } from './recoveries/recovery-credentials.ts';
import { showLastRecoveries } from './recoveries/show-recovery.ts';
import { jobOf } from './recoveries/start-recovery.ts';
import { reconcileKind } from './reconciliation/reconcile.job.ts';
import {
  enqueueReconciliations,
  enqueueStartReconciliations,
  RECONCILE,
  START_RECONCILIATIONS,
} from './reconciliation/reconcile.ts';
import { reconciliationRoutes } from './reconciliation/reconciliation.routes.ts';
import { startReconciliationsKind } from './reconciliation/start-reconciliations.job.ts';
import { APPLY_RETENTION, DELETE_BACKUP } from './retention/apply-retention.ts';
import { applyRetentionKind } from './retention/apply-retention.job.ts';
import { cleanUpKind } from './retention/clean-up.job.ts';
import { CLEAN_UP, enqueueCleanUp } from './retention/clean-up.ts';
import { deleteBackupKind } from './retention/delete-backup.job.ts';
import { confirmLowered } from './retention/preview-retention.ts';
import { retentionRoutes } from './retention/retention.routes.ts';
import { scheduleRoutes } from './schedules/schedules.routes.ts';
import { createScriptRunner } from './scripts/script-runner.ts';
import { scriptRoutes } from './scripts/scripts.routes.ts';
import { loadInstallation } from './settings/installation.ts';
import { settingsRoutes } from './settings/settings.routes.ts';
import { createClaimSecret, type ClaimSecret } from './setup/claim-secret.ts';
import { setupRoutes } from './setup/setup.routes.ts';
import { createAttempts } from './users/attempts.ts';
import { sessionRoutes } from './users/sessions.routes.ts';
import { tokenRoutes } from './users/tokens.routes.ts';
import { hasRootUser } from './users/users.store.ts';

/** The version of this CPM: kept as a writer of the database. */
export const CPM_VERSION = '0.1.0';

const CONSOLE_DIR = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** The edges that tests and benchmarks replace by others of the same kind; left out, they are the real ones. */
export type Edges = {
  readonly clock?: Clock;
  readonly onAwsCall?: GatewayInput['onCall'];
  /** 0 (included) to 1, for whatever is spread by chance: replaced where a run must repeat exactly. */
  readonly random?: () => number;
};

export type RunningServer = {
  readonly url: string;
  readonly port: number;
  /** SHA-256 of the server's certificate, as browsers and OpenSSL show it. */
  readonly fingerprint: string;
  /** The certificate itself, PEM: who pins it needs no other proof. */
  readonly certificate: string;
  /** Makes the first user; null once there is one. */
  readonly claimSecret: string | null;
  readonly context: ServerContext;
  /** Rejects when CPM's own PostgreSQL is gone for good: the server cannot go on. */
  readonly failure: Promise<never>;
  /** Stops intake, lets running steps finish, closes everything it opened; PostgreSQL last (O12). */
  readonly stop: () => Promise<void>;
};

/** Puts the server together and starts it. Throws CpmError or DatabaseError, whose message is meant for the operator. */
export async function startServer(config: Config, log: Logger, edges: Edges = {}): Promise<RunningServer> {
  const closers: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    // In the reverse order of opening; one that fails must not keep the others open.
    for (const close of closers.splice(0).toReversed()) {
      await Promise.resolve(close()).catch((error: unknown) => log.error({ err: error }, 'something did not close'));
    }
  };
  try {
    return await bringUp(config, { log, edges, closers, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

type Parts = {
  readonly log: Logger;
  readonly edges: Edges;
  readonly closers: (() => Promise<void> | void)[];
  readonly stop: () => Promise<void>;
};

async function bringUp(config: Config, { log, edges, closers, stop }: Parts): Promise<RunningServer> {
  const clock = edges.clock ?? systemClock();
  const random = edges.random === undefined ? {} : { random: edges.random };
  await prepareDataDirectory(config.dataDir);
  const postgres = config.databaseUrl === null ? await startEmbeddedPostgres({ dataDir: config.dataDir, log }) : null;
  if (postgres !== null) closers.push(postgres.stop);
  const url = config.databaseUrl ?? postgres?.url ?? '';
  const db = await openDatabase({ url, log });
  closers.push(() => db.destroy());
  await migrate({ db, cpmVersion: CPM_VERSION });

  const masterKey = await loadMasterKey(config.dataDir);
  const installation = await loadInstallation(db, { masterKey, timeZone: config.timeZone });
  const aws = createAwsGateway({
    clock,
    log,
    ...(config.awsEndpointUrl === null ? {} : { endpointUrl: config.awsEndpointUrl }),
    ...(edges.onAwsCall === undefined ? {} : { onCall: edges.onAwsCall }),
    ...random,
  });
  closers.push(aws.close);
  const { dataDir, scriptUser = null, pendingSnapshots = PENDING_SNAPSHOTS } = config;
  const scripts = await createScriptRunner({ dataDir, scriptUser, clock, log });
  closers.push(scripts.close);
  const secrets = createSecretBox(masterKey);
  const recoveryCredentials = createRecoveryCredentials();
  const disk = createDiskSpace(dataDir);
  const parts = { db, clock, aws, secrets, recoveryCredentials, log, dataDir, disk, scripts, pendingSnapshots };
  const context: ServerContext = { ...parts, ...installation };

  const notifications = await openNotifications({ url, log });
  closers.push(notifications.close);
  const claimSecret = createClaimSecret(config.claimSecret ?? undefined);
  const certificate = await loadCertificate(config.dataDir, clock.now());
  const app = await createApp({
    context,
    handlers: handlersOf(context, claimSecret),
    notifications,
    certificate,
    consoleDir: config.consoleDir ?? CONSOLE_DIR,
  });
  const closeApp = () => app.close();
  closers.push(closeApp);
  // The port before the work: a second server on it must not have begun anything.
  const port = await listen(app, config);
  const worker = await startWorker<Database>({ db, notifications, clock, log, kinds: jobKinds(context), ...random });
  closers.push(worker.stop);
  await db.transaction().execute(async (tx) => {
    await enqueueRegularWork(tx);
    await enqueueReconciliations(tx, 'all');
  });
  closers.push(watchDiskSpace(context).stop);
  const fire = (now: Parameters<typeof startDueBackups>[1]) => startDueBackups(context, now, worker.doFirst);
  const ticker = await startTicker({ clock, log, notifications, nextDueAt: () => nextFiringAt(context), fire });
  closers.push(ticker.stop);
  // Once more in front of everything (closing twice does no harm): intake ends before the work does.
  closers.push(closeApp);
  return {
    url: `https://localhost:${port}`,
    port,
    fingerprint: certificate.fingerprint,
    certificate: certificate.cert,
    claimSecret: (await hasRootUser(db)) ? null : claimSecret.text,
    context,
    failure: failureOf(postgres),
    stop,
  };
}

/** What the server does by the clock alone: the jobs look at their times, old and new. */
async function enqueueRegularWork(tx: Transaction<Database>): Promise<void> {
  await enqueueCleanUp(tx);
  await enqueueStartReconciliations(tx);
}

/** Every kind of job and who runs it. */
function jobKinds(context: ServerContext): Record<string, JobKind<Database>> {
  return {
    [RUN_BACKUP]: runBackupKind(context),
    [START_RETRY]: startRetryKind(context),
    [POLL_SNAPSHOTS]: pollSnapshotsKind(context),
    [SETTLE_ATTEMPT]: settleAttemptKind(context),
    [APPLY_RETENTION]: applyRetentionKind(context),
    [DELETE_BACKUP]: deleteBackupKind(context),
    [CLEAN_UP]: cleanUpKind(context),
    [START_RECONCILIATIONS]: startReconciliationsKind(context),
    [RECONCILE]: reconcileKind(context),
    [jobOf('volumes')]: recoverVolumesKind(context),
    [jobOf('instance')]: recoverInstanceKind(context),
    [ROLL_BACK_RECOVERY]: rollBackRecoveryKind(context),
    [jobOf('database')]: recoverDatabaseKind(context),
    [jobOf('database-cluster')]: recoverDatabaseClusterKind(context),
    [jobOf('redshift-cluster')]: recoverRedshiftClusterKind(context),
  };
}

function handlersOf(context: ServerContext, claimSecret: ClaimSecret): ApiHandlers {
  const attempts = createAttempts(context.clock);
  const lastBackups = (policyIds: Parameters<typeof findLastBackups>[1]) => findLastBackups(context.db, policyIds);
  const lastRecoveries = (policyIds: Parameters<typeof findLastBackups>[1]) =>
    showLastRecoveries(context.db, policyIds);
  const policyStates = (policyIds: Parameters<typeof findLastBackups>[1]) =>
    findPolicyStates(context.db, policyIds, context.clock.now());
  return {
    setup: setupRoutes(context, attempts, claimSecret),
    sessions: sessionRoutes(context, attempts),
    tokens: tokenRoutes(context),
    accounts: accountRoutes(context),
    schedules: scheduleRoutes(context),
    policies: {
      ...policyRoutes(context, { lastBackups, lastRecoveries, policyStates, confirmLowered }),
      ...policyWorkRoutes(context),
    },
    scripts: scriptRoutes(context),
    backups: backupRoutes(context),
    recoveries: recoveryRoutes(context),
    retention: retentionRoutes(context),
    freezer: freezerRoutes(context),
    reconciliation: reconciliationRoutes(context),
    alerts: alertRoutes(context),
    settings: settingsRoutes(context, (tx) => enqueueRegularWork(tx)),
  };
}

async function listen(app: Awaited<ReturnType<typeof createApp>>, { host, port }: Config): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw cpmError('port_in_use', { params: { port } });
    if (code === 'EACCES')
      throw cpmError('bad_setting', { params: { name: 'port', why: `this user may not listen on port ${port}` } });
    throw cpmError('bad_setting', {
      params: { name: 'host', why: error instanceof Error ? error.message : String(error) },
    });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Settles only when CPM's own PostgreSQL cannot be brought back. */
function failureOf(postgres: EmbeddedPostgres | null): Promise<never> {
  const failure = new Promise<never>((_, reject) => {
    postgres?.onExit(({ restarted, reason }) => {
      if (!restarted) reject(cpmError('database_unavailable', { cause: new Error(reason) }));
    });
  });
  // Whoever does not wait for it must not be ended by it.
  failure.catch(() => undefined);
  return failure;
}

export type { Config } from './config.ts';
