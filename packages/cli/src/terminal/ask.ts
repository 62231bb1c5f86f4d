import { createInterface } from 'node:readline';
import { wrongInput } from '../command.ts';
import type { GlobalOptions, Io } from '../surroundings.ts';
import { visible } from './visible.ts';

/** Whether somebody sits there who can answer. */
export function isInteractive(io: Io): boolean {
  return io.stdin.isTTY && io.stderr.isTTY;
}

type SecretQuestion = {
  readonly what: string;
  /** The environment variable that may hold it. */
  readonly variable: string;
  /** What to do where nobody can be asked: read a line of standard input, or refuse and say what is missing. */
  readonly otherwise: 'stdin' | 'refuse';
  /** Named in the refusal, such as `--secret-key-stdin`. */
  readonly stdinFlag?: string;
};

/** A secret from the environment, from the terminal without echo, or from standard input: never from an argument. */
export async function askSecret(io: Io, question: SecretQuestion): Promise<string> {
  const { what, variable, otherwise, stdinFlag } = question;
  const fromEnvironment = io.env[variable];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (isInteractive(io)) return askHidden(io, what);
  if (otherwise === 'stdin') return readSecretLine(io, what);
  const ways = stdinFlag === undefined ? variable : `${variable}, or ${stdinFlag} and a line on standard input`;
  throw wrongInput(what, `nobody can be asked for it here; give it by ${ways}`);
}

/** One line of standard input as a secret; asked for without echo where standard input is a terminal. */
export async function readSecretLine(io: Io, what: string): Promise<string> {
  if (isInteractive(io)) return askHidden(io, what);
  const line = await readLine(io.stdin);
  if (line === undefined || line === '') throw wrongInput(what, 'standard input ended before it was given');
  return line;
}

/** A text from the person at the terminal; refuses where nobody can be asked, naming the option to use instead. */
export async function askText(io: Io, what: string, option: string): Promise<string> {
  if (!isInteractive(io)) throw wrongInput(option, `give the ${what.toLowerCase()}`);
  const { text, isCancel } = await import('@clack/prompts');
  const answer = await text({ message: what, ...promptIo(io) });
  if (isCancel(answer)) throw new DOMException('Cancelled at the prompt', 'AbortError');
  return answer;
}

/** Asks before something that cannot be undone: `--yes` answers it; where nobody can be asked it refuses. */
export async function confirmOrStop(io: Io, global: GlobalOptions, question: string): Promise<void> {
  if (global.yes) return;
  if (!isInteractive(io)) throw wrongInput('--yes', `nobody can be asked here. ${question} Say so with --yes`);
  if (!(await askYes(io, question))) throw new DOMException('Declined at the prompt', 'AbortError');
}

/** A question whose safe answer, no, is the default. */
export async function askYes(io: Io, question: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: visible(question), initialValue: false, ...promptIo(io) });
  return !isCancel(answer) && answer;
}

async function askHidden(io: Io, what: string): Promise<string> {
  const { password, isCancel } = await import('@clack/prompts');
  const answer = await password({
    message: what,
    mask: '',
    validate: (value) => (value ? undefined : 'Nothing was typed.'),
    ...promptIo(io),
  });
  if (isCancel(answer)) throw new DOMException('Cancelled at the prompt', 'AbortError');
  return answer;
}

/** Questions go to standard error, so that standard output holds nothing but the result. */
function promptIo(io: Io) {
  return { input: io.stdin, output: io.stderr, signal: io.signal, withGuide: false };
}

const lineReaders = new WeakMap<NodeJS.ReadStream, AsyncIterator<string>>();

/** The next line; undefined at the end. One reader a stream, because it reads ahead. */
async function readLine(stdin: NodeJS.ReadStream): Promise<string | undefined> {
  const reader = lineReaders.get(stdin) ?? createInterface({ input: stdin })[Symbol.asyncIterator]();
  lineReaders.set(stdin, reader);
  const { value, done } = await reader.next();
  if (done === true) return undefined;
  stdin.unref?.();
  return value;
}
