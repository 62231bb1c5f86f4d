import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import path from 'node:path';
import { DatabaseError, messageOf } from '../errors.ts';
import { POSTGRES_MAJOR } from './binaries.ts';
import { exists, giveTo, syncDirectory } from './files.ts';
import type { RunAs } from './run-as.ts';
import type { ServerLog } from './server-log.ts';

const UNFINISHED = `pg${POSTGRES_MAJOR}.new-`;
const PASSWORD_FILE = 'cpm-password';

/** Where the cluster of this major version lies in the data directory. */
export const clusterDirOf = (dataDir: string): string => path.join(dataDir, `pg${POSTGRES_MAJOR}`);

/** The password of PostgreSQL's two logins; only the cluster's owner (and root) can read it. */
export const readPassword = async (clusterDir: string): Promise<string> =>
  (await readFile(path.join(clusterDir, PASSWORD_FILE), 'utf8')).trim();

/**
 * Makes the data directory if it is missing (enterable but not readable by others when root makes it, so that PostgreSQL's account
 * can reach its cluster) and proves that CPM may write there. Errors: DatabaseError data_directory_unwritable.
 */
export const prepareDataDirectory = async (dataDir: string): Promise<void> => {
  try {
    const made = await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (made !== undefined && process.geteuid?.() === 0) await chmod(dataDir, 0o711);
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DatabaseError(
      'data_directory_unwritable',
      `CPM cannot write to its data directory ${dataDir}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
};

/**
 * Refuses a data directory whose cluster another major version of PostgreSQL wrote: nothing is changed.
 * Errors: DatabaseError data_directory_version.
 */
export const refuseOtherMajor = async (dataDir: string): Promise<void> => {
  const clusterDir = clusterDirOf(dataDir);
  const written = (await readFile(path.join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim();
  const siblings = (await readdir(dataDir))
    .map((name) => /^pg(\d+)$/.exec(name)?.[1])
    .filter((major) => major !== undefined);
  const other = written ?? (siblings.length > 0 && !(await exists(clusterDir)) ? siblings.join(' and ') : undefined);
  if (other === undefined || other === String(POSTGRES_MAJOR)) return;
  throw new DatabaseError(
    'data_directory_version',
    `The database in ${dataDir} was written by PostgreSQL ${other}; this CPM brings PostgreSQL ${POSTGRES_MAJOR}. Nothing was changed. ` +
      `Start the CPM that wrote it, or name another data directory.`,
  );
};

/**
 * Makes the cluster (about a second). It appears under its name complete or not at all: a crash, or a second server at the
 * same moment, leaves no half of one. Errors: DatabaseError postgres_start_failed with initdb's own words.
 */
export const createCluster = async (dataDir: string, runAs: RunAs, serverLog: ServerLog): Promise<void> => {
  const workDir = await mkdtemp(path.join(dataDir, UNFINISHED));
  try {
    const passwordFile = path.join(workDir, 'password');
    await writePassword(passwordFile, runAs);
    await chown(workDir, runAs.owner.uid, runAs.owner.gid);
    const fresh = path.join(workDir, 'cluster');
    await runInitdb(runAs, serverLog, fresh, passwordFile);
    await rename(passwordFile, path.join(fresh, PASSWORD_FILE));
    await syncDirectory(fresh);
    await rename(fresh, clusterDirOf(dataDir));
    await syncDirectory(dataDir);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
};

/** Removes what interrupted starts left behind. Only the server that owns the data directory may call it. */
export const removeUnfinished = async (dataDir: string): Promise<void> => {
  const names = (await readdir(dataDir)).filter((name) => /^(pg|postgresql-).*\.new-/.test(name));
  // A start that was killed may have left initdb at work: what cannot be removed now is removed by a later start.
  for (const name of names) await rm(path.join(dataDir, name), { recursive: true, force: true }).catch(() => undefined);
};

/** Refuses a cluster that this user may not touch. Errors: DatabaseError data_directory_unwritable. */
export const refuseOthersCluster = async (clusterDir: string): Promise<void> => {
  const self = process.geteuid?.();
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner === undefined || self === 0 || owner.uid === self) return;
  throw new DatabaseError(
    'data_directory_unwritable',
    `The database in ${clusterDir} belongs to user id ${owner.uid}: start CPM as that user or as root.`,
  );
};

/** Gives an existing cluster to whoever runs PostgreSQL this time. */
export const takeOverCluster = async (clusterDir: string, runAs: RunAs): Promise<void> => {
  await giveTo(clusterDir, runAs.owner);
  // PostgreSQL refuses a cluster that a copy has left open to others.
  await chmod(clusterDir, 0o700);
};

const writePassword = async (file: string, runAs: RunAs): Promise<void> => {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(24).toString('base64url')}\n`);
    await handle.sync();
    await handle.chown(runAs.owner.uid, runAs.owner.gid);
  } finally {
    await handle.close();
  }
};

const runInitdb = async (runAs: RunAs, serverLog: ServerLog, dir: string, passwordFile: string): Promise<void> => {
  const offset = await serverLog.size();
  const args = ['-D', dir, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-instructions'];
  // PostgreSQL's own C.UTF-8 sorts the same on every machine and after every upgrade of the operating system.
  args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (process.platform === 'linux') args.push('--sync-method=syncfs');
  const child = runAs.start('initdb', args, ['ignore', 'ignore', serverLog.fd]);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
  if (failure === undefined) return;
  const words = (await serverLog.since(offset)) || failure;
  throw new DatabaseError(
    'postgres_start_failed',
    `PostgreSQL could not make its cluster in ${path.dirname(dir)}: ${words}`,
  );
};
