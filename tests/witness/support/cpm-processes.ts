import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { plainEnvironment, runProgram, type Ended } from './run-program.ts';

const START = fileURLToPath(new URL('../../../scripts/start.ts', import.meta.url));
const COMMAND_LINE = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));
/** The first start makes the database, and the console where nobody has built it yet. */
const READY_WITHIN_MS = 180_000;
const STOPPED_WITHIN_MS = 40_000;

type Settings = {
  readonly dataDir: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
};

export type CpmServer = {
  /** As the server printed it. */
  readonly url: string;
  readonly fingerprint: string;
  /** Null once the server is claimed. */
  readonly claimSecret: string | null;
  /** The processes that it started, and those that they did. */
  readonly descendants: () => Promise<readonly SeenProcess[]>;
  /** What a terminal does at Ctrl-C: SIGINT to the whole process group. Answers the exit code. */
  readonly pressCtrlC: () => Promise<number | null>;
  readonly kill: () => void;
};

/** Starts CPM as its users do and reads what it prints until it is ready. */
export async function startCpm({ dataDir, port, env }: Settings): Promise<CpmServer> {
  const args = [START, '--port', String(port), '--data', dataDir];
  const child = spawn(process.execPath, args, {
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('CPM could not be started');
  const kill = () => void (child.exitCode === null && child.signalCode === null && process.kill(-pid, 'SIGKILL'));
  process.once('exit', kill);
  const printed = await readAnnouncement(child).catch((error: unknown) => {
    kill();
    throw error;
  });
  return {
    ...printed,
    descendants: async () => descendantsOf(pid, await seeProcesses()),
    pressCtrlC: () => {
      const ended = exitOf(child);
      process.kill(-pid, 'SIGINT');
      return ended;
    },
    kill,
  };
}

type Announcement = Pick<CpmServer, 'url' | 'fingerprint' | 'claimSecret'>;

function readAnnouncement(child: ChildProcess): Promise<Announcement> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`CPM ${why}; it printed:\n${lines.join('\n')}`));
    };
    const timer = setTimeout(() => fail('is not ready'), READY_WITHIN_MS);
    child.once('close', (code) => fail(`ended with ${code}`));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      // The lines go on being read: a full pipe would stop the server.
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const announced = parseAnnouncement(lines);
        if (announced === null) return;
        clearTimeout(timer);
        // The claim secret comes in the same write as the fingerprint, where there is one to tell.
        setImmediate(() => resolve({ ...announced, claimSecret: claimSecretIn(lines) }));
      });
    }
  });
}

function parseAnnouncement(lines: readonly string[]): Omit<Announcement, 'claimSecret'> | null {
  const text = lines.join('\n');
  const [, url] = /CPM is ready at (https:\/\/\S+)/.exec(text) ?? [];
  const [, fingerprint] = /fingerprint ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})/.exec(text) ?? [];
  if (url === undefined || fingerprint === undefined) return null;
  return { url, fingerprint };
}

const claimSecretIn = (lines: readonly string[]): string | null =>
  /claim it with this secret, once: (\S+)/.exec(lines.join('\n'))?.[1] ?? null;

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('CPM did not end after Ctrl-C')), STOPPED_WITHIN_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

export type SeenProcess = { readonly pid: number; readonly parent: number; readonly command: string };

/** Every process of this machine that has a command line. */
export async function seeProcesses(): Promise<readonly SeenProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const seen = await Promise.all(pids.map((pid) => seeProcess(pid).catch(() => null)));
  return seen.filter((each) => each !== null).filter(({ command }) => command !== '');
}

async function seeProcess(pid: string): Promise<SeenProcess> {
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { pid: Number(pid), parent: Number(parent), command };
}

function descendantsOf(pid: number, all: readonly SeenProcess[]): readonly SeenProcess[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}

/** The command line, as a person's shell would run it, with a home of its own for the login. */
export type CommandLine = {
  readonly run: (args: readonly string[], input?: string) => Promise<Ended>;
  /** What a command that succeeds prints with `--output json`. */
  readonly objectOf: <Answer>(args: readonly string[], input?: string) => Promise<Answer>;
  /** The exit code and the problem that a command which fails prints with `--output json`. */
  readonly problemOf: (
    args: readonly string[],
    input?: string,
  ) => Promise<{ exitCode: number | null; problem: unknown }>;
};

export function commandLine(home: string): CommandLine {
  const env = { ...plainEnvironment(), XDG_CONFIG_HOME: home };
  const run = (args: readonly string[], input = '') =>
    runProgram(process.execPath, [COMMAND_LINE, ...args], { env, input });
  return {
    run,
    objectOf: async <Answer>(args: readonly string[], input = '') => {
      const { exitCode, stdout, stderr } = await run([...args, '--output', 'json'], input);
      if (exitCode !== 0) throw new Error(`cpm ${args.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
      return JSON.parse(stdout) as Answer;
    },
    problemOf: async (args, input = '') => {
      const { exitCode, stdout, stderr } = await run([...args, '--output', 'json'], input);
      if (exitCode === 0) throw new Error(`cpm ${args.join(' ')} succeeded: ${stdout}`);
      return { exitCode, problem: JSON.parse(stderr) as unknown };
    },
  };
}
