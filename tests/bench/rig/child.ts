import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program of the benchmark in a process of its own, so that what it costs can be told from what the others cost. */
export type Child = {
  readonly pid: number;
  /** Sends a request and waits for its one reply; rejects when the process ends first. */
  readonly ask: <Reply>(request: string) => Promise<Reply>;
  /** Hands it something that it does not answer. */
  readonly tell: (message: object) => void;
  /** Ends it in its own way; killed after 20 s. */
  readonly stop: () => Promise<void>;
};

export type ChildInput = {
  readonly file: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
};

const STOP_WITHIN_MS = 20_000;

/** Starts a program and resolves with the first message that it sends, when it is ready. */
export async function startChild<Ready>({ file, args = [], env = {}, nodeOptions = [] }: ChildInput): Promise<{
  readonly child: Child;
  readonly ready: Ready;
}> {
  const started = fork(file, args, {
    env: { ...ownEnvironment(), ...env },
    execArgv: ['--enable-source-maps', ...nodeOptions],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C is for the benchmark, which stops its children in the right order.
    detached: true,
  });
  const child: Child = {
    pid: started.pid ?? 0,
    ask: (request) => {
      started.send(request);
      return nextMessage(started, file);
    },
    tell: (message) => void started.send(message),
    stop: () => stop(started),
  };
  return { child, ready: await nextMessage<Ready>(started, file) };
}

/** The settings of a CPM that runs on this machine are not those of the benchmark. */
function ownEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CPM|AWS)_/.test(name)));
}

async function nextMessage<Message>(started: ChildProcess, file: URL): Promise<Message> {
  const over = new AbortController();
  const ended = once(started, 'exit', over).then(([code]) => {
    throw new Error(`${file.pathname.split('/').at(-1)} ended with code ${code} before it answered`);
  });
  const answered = once(started, 'message', over);
  try {
    const [message] = (await Promise.race([answered, ended])) as [Message];
    return message;
  } finally {
    over.abort();
    await Promise.allSettled([answered, ended]);
  }
}

async function stop(started: ChildProcess): Promise<void> {
  if (started.exitCode !== null || started.signalCode !== null) return;
  const ended = once(started, 'exit');
  started.kill('SIGTERM');
  const patience = setTimeout(() => started.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(patience);
}

/** In the child: tells the benchmark that it is ready, answers its requests, and ends when asked to or when left alone. */
export function serveParent(
  ready: unknown,
  answers: Readonly<Record<string, () => unknown>>,
  end: () => Promise<void>,
): void {
  const send = (message: unknown) => void process.send?.(message);
  process.on('message', (request: unknown) => {
    if (typeof request !== 'string') return;
    void Promise.resolve(answers[request]?.()).then(send, (error: unknown) => {
      process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
      process.exit(1);
    });
  });
  const leave = () => void end().finally(() => process.exit(0));
  process.once('SIGTERM', leave);
  process.once('disconnect', leave);
  send(ready);
}
