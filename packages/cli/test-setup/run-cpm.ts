import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };
export type Run = {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly nodeOptions?: readonly string[];
};

/** Runs the command line as a process of its own, as a user would; nobody sits at its terminal. */
export function runCpm(args: readonly string[], { env = {}, stdin = '', nodeOptions = [] }: Run = {}): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeOptions, ENTRY, ...args], { env, stdio: 'pipe' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // A command that reads nothing may have ended before its input was written.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}
