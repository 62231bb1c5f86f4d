import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const CPM = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));

export type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };
export type Environment = Readonly<Record<string, string>>;

/** The command line as somebody's script runs it: each command a process of its own, nobody at its terminal. */
export type CommandLine = {
  readonly start: (
    args: readonly string[],
    env?: Environment,
    input?: string,
  ) => { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  /** Runs one command to its end. */
  readonly run: (args: readonly string[], env?: Environment, input?: string) => Promise<Ended>;
  /** The API's object that a command which succeeds prints with `--output json`. */
  readonly objectOf: <T = Record<string, unknown>>(args: readonly string[]) => Promise<T>;
  /** The problem document that a command which fails prints with `--output json`. */
  readonly problemOf: (
    args: readonly string[],
    env?: Environment,
  ) => Promise<{ readonly exitCode: number | null; readonly problem: Record<string, unknown> }>;
};

/** The command line of somebody who keeps the login below the directory, or whose environment says who it is. */
export function commandLine(directory: string, environment: Environment = {}): CommandLine {
  const start: CommandLine['start'] = (args, env = {}, input = '') => {
    const own = {
      XDG_CONFIG_HOME: join(directory, 'config'),
      // Many processes run the same code: each but the first finds it compiled.
      NODE_COMPILE_CACHE: join(directory, 'compiled'),
      ...environment,
      ...env,
    };
    const child = spawn(process.execPath, [CPM, ...args], { env: own, stdio: 'pipe' });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, ...output }));
    });
    return { child, ended };
  };
  const run: CommandLine['run'] = (args, env, input) => start(args, env, input).ended;
  return {
    start,
    run,
    objectOf: async <T>(args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await run([...args, '--output', 'json']);
      expect([exitCode, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as T;
    },
    problemOf: async (args, env) => {
      const { exitCode, stdout, stderr } = await run([...args, '--output', 'json'], env);
      expect(stdout).toBe('');
      return { exitCode, problem: JSON.parse(stderr) as Record<string, unknown> };
    },
  };
}
