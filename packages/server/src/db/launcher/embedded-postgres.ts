import { mkdir, realpath, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { claimDataDirectory, databaseUrl, ensureDatabase } from './admin.ts';
import { findNativeDir } from './binaries.ts';
import {
  clusterDirOf,
  createCluster,
  prepareDataDirectory,
  refuseOtherMajor,
  refuseOthersCluster,
  removeUnfinished,
  takeOverCluster,
} from './cluster.ts';
import { exists } from './files.ts';
import { findRunningServer, launchServer, prepareSocketDir, stopServer } from './postmaster.ts';
import type { Server, StartOutcome } from './postmaster.ts';
import { chooseRunAs } from './run-as.ts';
import { openServerLog } from './server-log.ts';
import type { ServerLog } from './server-log.ts';

export interface StartEmbeddedPostgresInput {
  /** Holds everything: the cluster (pg18), logs, the socket. Made when missing. */
  readonly dataDir: string;
  readonly log: Log;
  /** The packaged programs; those of this platform's package unless told. */
  readonly nativeDir?: string;
  /** How long a start waits for leftovers of a dead server; 30 s unless told. */
  readonly patienceMs?: number;
  /** PostgreSQL settings beside CPM's own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** PostgreSQL ended by itself. `restarted`: it is up again behind the same URL; otherwise CPM cannot go on. */
export interface UnexpectedExit {
  readonly restarted: boolean;
  readonly reason: string;
}

export interface EmbeddedPostgres {
  /** The database "cpm" through a Unix socket; it holds the password, so it must not be logged. */
  readonly url: string;
  /** The server was found running, left by a CPM that was killed. */
  readonly adopted: boolean;
  readonly pid: () => number;
  /** Called after each end of PostgreSQL that CPM did not ask for. */
  readonly onExit: (listener: (exit: UnexpectedExit) => void) => void;
  /** Fast shutdown; call it last, when nothing uses the database any more. Returns when PostgreSQL is gone. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts CPM's own PostgreSQL 18, or takes over one that a killed CPM left running, and keeps it up: should PostgreSQL die
 * it is started again behind the same URL. When this process is killed PostgreSQL stays, unharmed, for the next start.
 * One CPM per data directory. Errors: DatabaseError embedded_unsupported, data_directory_unwritable, data_directory_version,
 * data_directory_in_use, postgres_cannot_run, postgres_start_failed.
 */
export const startEmbeddedPostgres = async (input: StartEmbeddedPostgresInput): Promise<EmbeddedPostgres> => {
  await prepareDataDirectory(input.dataDir);
  const dataDir = await realpath(input.dataDir);
  await refuseOthersCluster(clusterDirOf(dataDir));
  await refuseOtherMajor(dataDir);
  const serverLog = await openServerLog(path.join(dataDir, 'logs'));
  const place: Place = {
    dataDir,
    clusterDir: clusterDirOf(dataDir),
    serverLog,
    log: input.log,
    nativeDir: input.nativeDir ?? findNativeDir(),
    patienceMs: input.patienceMs ?? 30_000,
    settings: input.settings ?? {},
  };
  try {
    const server = await bringUp(place, undefined);
    await removeUnfinished(dataDir);
    return supervise(place, server, await databaseUrl(place.clusterDir, server.socketDir));
  } catch (error) {
    await serverLog.close();
    throw error;
  }
};

interface Place {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly serverLog: ServerLog;
  readonly log: Log;
  readonly nativeDir: string;
  readonly patienceMs: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** PostgreSQL ends when it finds no room for a segment of its write-ahead log, and starts again once there is (F18). */
const FULL_DISK_BYTES = 2 * 16 * 2 ** 20;
const FULL_DISK_PAUSE_MS = 1_000;

const isDiskFull = async (dataDir: string): Promise<boolean> => {
  const { bavail, bsize } = await statfs(dataDir);
  return bavail * bsize < FULL_DISK_BYTES;
};

/** Adopts or starts the server, whichever works first within the patience, and claims the data directory. */
const bringUp = async (place: Place, socketDir: string | undefined): Promise<Server> => {
  const deadline = AbortSignal.timeout(place.patienceMs);
  for (let pauseMs = 50; ; pauseMs = Math.min(2 * pauseMs, 1_000)) {
    const outcome = (await findRunningServer(place.clusterDir)) ?? (await startServer(place, socketDir));
    if (outcome.kind === 'running') return claim(place, outcome.server);
    if (outcome.kind === 'failed' || deadline.aborted) {
      throw new DatabaseError('postgres_start_failed', `CPM's own PostgreSQL does not start: ${outcome.why}`);
    }
    await delay(pauseMs);
  }
};

const startServer = async (place: Place, keptSocketDir: string | undefined): Promise<StartOutcome> => {
  const { dataDir, clusterDir, serverLog, settings } = place;
  const runAs = await chooseRunAs(place);
  place.log.info(`PostgreSQL runs ${runAs.reason}`);
  if (!(await exists(clusterDir))) {
    place.log.info(`making the database cluster in ${clusterDir}`);
    await createCluster(dataDir, runAs, serverLog).catch(async (error: unknown) => {
      // Another CPM may have been quicker; the claim decides which of the two stays.
      if (!(await exists(clusterDir))) throw error;
    });
  }
  await takeOverCluster(clusterDir, runAs);
  const socketDir = keptSocketDir ?? (await prepareSocketDir(dataDir, runAs));
  await mkdir(socketDir, { recursive: true, mode: 0o700 });
  return launchServer({ clusterDir, socketDir, runAs, serverLog, settings });
};

const claim = async (place: Place, server: Server): Promise<Server> => {
  try {
    await claimDataDirectory(server.admin, place.dataDir);
    await ensureDatabase(server.admin, place.clusterDir);
    place.log.info({ postgresPid: server.pid, adopted: server.adopted }, 'PostgreSQL is ready');
    return server;
  } catch (error) {
    const isOthers = error instanceof DatabaseError && error.code === 'data_directory_in_use';
    if (isOthers) await server.admin.end().catch(() => undefined);
    else await stopServer(server, place.clusterDir);
    throw error;
  }
};

const supervise = (place: Place, first: Server, url: string): EmbeddedPostgres => {
  const listeners: ((exit: UnexpectedExit) => void)[] = [];
  let server = first;
  let stopping: Promise<void> | undefined;
  let recovery = Promise.resolve();

  // The claim's connection ends when PostgreSQL does, whether this process started it or found it.
  const watch = (): void => {
    server.admin.once('end', () => {
      recovery = recover();
    });
  };
  const recover = async (): Promise<void> => {
    if (stopping !== undefined) return;
    const before = server.pid;
    place.log.warn({ postgresPid: before }, 'the connection that guards PostgreSQL ended');
    for (;;) {
      try {
        server = await bringUp(place, server.socketDir);
        watch();
        if (server.pid !== before) tell({ restarted: true, reason: `PostgreSQL (process ${before}) ended by itself` });
        return;
      } catch (error) {
        const reason = messageOf(error);
        if (!(await isDiskFull(place.dataDir))) {
          place.log.error({ reason }, 'PostgreSQL could not be brought back');
          return tell({ restarted: false, reason });
        }
        place.log.error({ reason }, 'the disk is full, and PostgreSQL is down until there is room on it');
      }
      while (await isDiskFull(place.dataDir)) {
        if (stopping !== undefined) return;
        await delay(FULL_DISK_PAUSE_MS);
      }
    }
  };
  const tell = (exit: UnexpectedExit): void => {
    for (const listener of listeners) listener(exit);
  };
  const end = async (): Promise<void> => {
    await recovery;
    const isGone = await stopServer(server, place.clusterDir);
    if (!isGone) place.log.error({ postgresPid: server.pid }, 'PostgreSQL does not stop; it is left running');
    await place.serverLog.close();
    if (isGone && !server.socketDir.startsWith(place.dataDir))
      await rm(server.socketDir, { recursive: true, force: true });
  };

  const stop = async (): Promise<void> => (stopping ??= end());

  watch();
  return {
    url,
    adopted: first.adopted,
    pid: () => server.pid,
    onExit: (listener) => void listeners.push(listener),
    stop,
  };
};
