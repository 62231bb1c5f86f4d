import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AwsRefusal, type Driver, type Shape } from './driver.ts';

type Answer = {
  readonly id: number;
  readonly reply?: Shape;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
};

const has = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;

const demanded = (found: boolean, what: string): boolean => {
  if (!found && process.env['CI'] === 'true') throw new Error(`${what} is missing: in CI the witnesses must run`);
  if (!found) process.stderr.write(`\n  ${what} is not on this machine: its tests did NOT run\n`);
  return found;
};

/** Whether boto3 can be used; says so when not, and fails in CI. */
export const hasBoto3 = (): boolean => demanded(has('python3', ['-c', 'import boto3']), 'boto3 (python3)');

/** Whether the AWS command line can be used; says so when not, and fails in CI. */
export const hasAwsCli = (): boolean => demanded(has('aws', ['--version']), 'the AWS CLI');

/** boto3 in one Python process that lives as long as the suite. */
export const boto3Driver = (): Driver => {
  const script = fileURLToPath(new URL('boto3_driver.py', import.meta.url));
  const python = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (answer: Answer) => void>();
  createInterface({ input: python.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let last = 0;
  return {
    name: 'boto3',
    call: async (target, action, params) => {
      last += 1;
      const id = last;
      const answered = new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
      });
      python.stdin.write(`${JSON.stringify({ id, ...target, action, params })}\n`);
      const answer = await answered;
      if (answer.reply === undefined) throw new AwsRefusal(answer.code ?? '', answer.message ?? '', answer.status ?? 0);
      return answer.reply;
    },
    close: () =>
      new Promise((resolve) => {
        python.once('exit', () => resolve());
        python.stdin.end();
      }),
  };
};
