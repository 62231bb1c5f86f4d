import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, realpath, rename, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { DatabaseError } from '../errors.ts';
import { linkLibraries } from './binaries.ts';
import { exists } from './files.ts';
import type { Identity } from './files.ts';

/** How PostgreSQL's programs are run on this machine: it refuses to run as root. */
export interface RunAs {
  /** For the log: who runs it and why. */
  readonly reason: string;
  /** Who must own the cluster on disk. */
  readonly owner: Identity;
  readonly nativeDir: string;
  readonly start: (program: 'initdb' | 'postgres', args: readonly string[], stdio: StdioOptions) => ChildProcess;
}

export interface ChooseRunAsInput {
  readonly nativeDir: string;
  readonly dataDir: string;
  readonly clusterDir: string;
}

/**
 * Finds by trying who can run PostgreSQL here. Ordinary users run it themselves. Root hands it to the cluster's owner,
 * `postgres`, `nobody` or the data directory's owner (no account is made); where they cannot reach the programs or the
 * data, to itself without rights in a user namespace (unshare -U); where that is not allowed, to one of them with a copy of
 * the programs in the data directory. Errors: DatabaseError postgres_cannot_run, with what was tried.
 */
export const chooseRunAs = async (input: ChooseRunAsInput): Promise<RunAs> => {
  const self = currentIdentity();
  if (self.uid !== 0) return chooseForUser(input, self);
  const refusals: string[] = [];
  const accounts = await candidateAccounts(input);
  for (const account of accounts) {
    const reachable = await canReach(input.dataDir, account);
    const runAs = await asAccount(input, account, input.nativeDir);
    const refusal = await refusalToRun(runAs);
    if (reachable && refusal === undefined) return runAs;
    refusals.push(`${account.name}: ${reachable ? refusal : `may not enter ${input.dataDir}`}`);
  }
  const unshared = await inUserNamespace(input, self, 'no other account can reach its programs and its data');
  const refusal = (await canReach(input.dataDir, self))
    ? await refusalToRun(unshared)
    : `root may not enter ${input.dataDir}`;
  if (refusal === undefined) return unshared;
  refusals.push(`unshare -U: ${refusal}`);
  for (const account of accounts) {
    if (!(await canReach(input.dataDir, account))) continue;
    const runAs = await asAccount(input, account, await copyPrograms(input));
    const refusal = await refusalToRun(runAs);
    if (refusal === undefined) return { ...runAs, reason: `${runAs.reason}, from a copy of its programs it can read` };
    refusals.push(`${account.name} with a copy: ${refusal}`);
  }
  throw cannotRun(refusals);
};

const cannotRun = (refusals: readonly string[]): DatabaseError =>
  new DatabaseError(
    'postgres_cannot_run',
    `CPM's own PostgreSQL cannot run here: it refuses to run as root, and no other way works (${refusals.join('; ')}). ` +
      'Put the data into a directory that others may enter (such as /var/lib/cpm), start CPM as an ordinary user, or set CPM_DATABASE_URL.',
  );

const chooseForUser = async (input: ChooseRunAsInput, self: Identity): Promise<RunAs> => {
  const own = await asSelf(input, self);
  if (hasName() || (await exists(path.join(input.clusterDir, 'PG_VERSION')))) {
    const refusal = await refusalToRun(own);
    if (refusal === undefined) return own;
    throw new DatabaseError(
      'postgres_cannot_run',
      `CPM's own PostgreSQL cannot run here: ${refusal}. Or set CPM_DATABASE_URL.`,
    );
  }
  const unshared = await inUserNamespace(input, self, 'this user id has no name here');
  if ((await refusalToRun(unshared)) === undefined) return unshared;
  throw new DatabaseError(
    'postgres_cannot_run',
    `User id ${self.uid} has no name on this machine (no line in /etc/passwd), and PostgreSQL makes no new cluster for such a user. ` +
      'Start CPM under a user id that has one, or set CPM_DATABASE_URL to a PostgreSQL of your own.',
  );
};

const currentIdentity = (): Identity => ({ uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 });

const hasName = (): boolean => {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
};

interface Account extends Identity {
  readonly name: string;
}

const candidateAccounts = async ({ clusterDir, dataDir }: ChooseRunAsInput): Promise<Account[]> => {
  const known = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  const owners = await Promise.all([clusterDir, dataDir].map((dir) => stat(dir).catch(() => undefined)));
  const [ofCluster, ofData] = owners.map((owner) => known.find((account) => account.uid === owner?.uid));
  const named = ['postgres', 'nobody'].map((name) => known.find((account) => account.name === name));
  const candidates = [ofCluster, ...named, ofData].filter((account) => account !== undefined && account.uid > 0);
  return [...new Set(candidates)] as Account[];
};

/** Whether the permissions of `dir` and of all above it let `who` enter. Access lists beyond the mode are not looked at. */
const canReach = async (dir: string, who: Identity): Promise<boolean> => {
  for (let at = await realpath(dir); ; at = path.dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const enter = uid === who.uid ? 0o100 : gid === who.gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
};

/** What stands against running the programs this way: undefined when `postgres --version` answers. */
const refusalToRun = async (runAs: RunAs): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = runAs.start('postgres', ['--version'], ['ignore', 'ignore', 'pipe']);
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', (error) => resolve(`cannot be started (${error.message})`));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : complaint.trim().slice(0, 300) || `exit code ${code}`),
    );
  });

/** A detached process outlives its starter and gets no signal from the starter's terminal (Ctrl-C). */
const launch = (command: string, args: readonly string[], options: LaunchOptions): ChildProcess => {
  const { stdio, identity, libraryPath } = options;
  // Nothing of CPM's environment reaches PostgreSQL: it may hold secrets, and must not change PostgreSQL's behaviour.
  const env = {
    LC_ALL: 'C',
    TZ: 'UTC',
    PATH: process.env['PATH'],
    LD_LIBRARY_PATH: libraryPath,
    DYLD_LIBRARY_PATH: libraryPath,
  };
  return spawn(command, args, { cwd: '/', detached: true, stdio, env, ...identity });
};

interface LaunchOptions {
  readonly stdio: StdioOptions;
  readonly identity?: Identity;
  readonly libraryPath: string | undefined;
}

const linksDirOf = (dataDir: string): string => path.join(dataDir, 'library-links');

const asSelf = async ({ nativeDir, dataDir }: ChooseRunAsInput, self: Identity): Promise<RunAs> => {
  const libraryPath = await linkLibraries(nativeDir, linksDirOf(dataDir));
  return {
    reason: 'as the user CPM runs as',
    owner: self,
    nativeDir,
    start: (program, args, stdio) => launch(path.join(nativeDir, 'bin', program), args, { stdio, libraryPath }),
  };
};

const asAccount = async ({ dataDir }: ChooseRunAsInput, account: Account, nativeDir: string): Promise<RunAs> => {
  const libraryPath = await linkLibraries(nativeDir, linksDirOf(dataDir));
  const identity = { uid: account.uid, gid: account.gid };
  return {
    reason: `as account ${account.name}, because PostgreSQL refuses to run as root`,
    owner: identity,
    nativeDir,
    start: (program, args, stdio) =>
      launch(path.join(nativeDir, 'bin', program), args, { stdio, identity, libraryPath }),
  };
};

/** In a user namespace of its own the same user appears as `nobody`: neither root nor nameless, yet owner of its files. */
const inUserNamespace = async (
  { nativeDir, dataDir }: ChooseRunAsInput,
  self: Identity,
  why: string,
): Promise<RunAs> => {
  const libraryPath = await linkLibraries(nativeDir, linksDirOf(dataDir));
  return {
    reason: `in a user namespace (unshare -U), because ${why}`,
    owner: self,
    nativeDir,
    start: (program, args, stdio) =>
      launch('unshare', ['-U', path.join(nativeDir, 'bin', program), ...args], { stdio, libraryPath }),
  };
};

/** Copies the programs into the data directory, once per version of them; whoever may enter it can run the copy. */
const copyPrograms = async ({ nativeDir, dataDir }: ChooseRunAsInput): Promise<string> => {
  const { size, mtimeMs } = await stat(path.join(nativeDir, 'bin', 'postgres'));
  const copy = path.join(dataDir, `postgresql-${size}-${Math.trunc(mtimeMs)}`);
  if (!(await exists(copy))) await copyAside(nativeDir, copy);
  // Here the missing links may go where they belong.
  await linkLibraries(copy, path.join(copy, 'lib'));
  return copy;
};

const copyAside = async (nativeDir: string, copy: string): Promise<void> => {
  const fresh = await mkdtemp(`${copy}.new-`);
  // Static libraries are for compiling.
  await cp(nativeDir, fresh, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.endsWith('.a') });
  await chmod(fresh, 0o755);
  await rename(fresh, copy);
};
