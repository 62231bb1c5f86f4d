import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

type Running = { readonly env: NodeJS.ProcessEnv; readonly input?: string };

/** Longer than any command here takes on a busy machine; a command that hangs is ended and shows in its exit code. */
const ENDED_WITHIN_MS = 60_000;

/** Runs a program to its end, as a script would: nobody sits at its terminal. Rejects when there is no such program. */
export function runProgram(command: string, args: readonly string[], { env, input = '' }: Running): Promise<Ended> {
  const child = spawn(command, args, { env, stdio: 'pipe', timeout: ENDED_WITHIN_MS, killSignal: 'SIGKILL' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // A program that reads nothing may have ended before its input was written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}

/** The environment of this process without what would steer CPM or an AWS client. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|CPM|MOTO|XDG|NODE|VITEST)_/.test(name));
  return { ...Object.fromEntries(kept), NO_PROXY: '127.0.0.1,localhost' };
}

/** Asks until `isRight` holds of the answer; fails after 40 s with the last one. */
export async function askUntil<Answer>(
  ask: () => Promise<Answer>,
  isRight: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(40_000);
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (deadline.aborted) throw new Error(`not so within 40 s; the last answer was ${JSON.stringify(answer)}`);
    await delay(100);
  }
}
