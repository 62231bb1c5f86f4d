import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Two ends of a pipe, of which a script gets one. Whoever takes it closes both. */
export type NamedPipe = { readonly readFd: number; readonly writeFd: number };

export type NamedPipes = {
  /** One that is ready, or as soon as one can be made. Rejects when none can. */
  readonly take: () => Promise<NamedPipe>;
  readonly close: () => Promise<void>;
};

/** So many are made at once: standard error of the three scripts of a backup, and one that holds the second back. */
const BATCH = 4;

/**
 * Pipes for scripts, made ahead: between "before" and "after" there is no time to make one. Node's own are sockets, which a
 * script cannot open as /dev/stderr, and which are read into ever new memory; these are named pipes (mkfifo), readable by one
 * reader and gone from the disk as soon as they are open.
 */
export function createNamedPipes(): NamedPipes {
  const ready: NamedPipe[] = [];
  let making: Promise<void> | undefined;
  let isClosed = false;
  const make = () => {
    making ??= makePipes(BATCH)
      .then((made) => void ready.push(...made))
      .finally(() => (making = undefined));
    return making;
  };
  const makeAhead = () => {
    if (!isClosed) make().catch(() => undefined);
  };
  const take = async (): Promise<NamedPipe> => {
    for (;;) {
      const next = ready.shift();
      if (next !== undefined) {
        // Not now: who takes a pipe is about to start a script. A failure shows when the last one is taken.
        if (ready.length === 0) setTimeout(makeAhead, 1000).unref();
        return next;
      }
      await make();
    }
  };
  const close = async () => {
    isClosed = true;
    await making?.catch(() => undefined);
    for (const { readFd, writeFd } of ready.splice(0)) {
      closeSync(readFd);
      closeSync(writeFd);
    }
  };
  return { take, close };
}

async function makePipes(count: number): Promise<NamedPipe[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'cpm-scripts-'));
  try {
    const names = Array.from({ length: count }, (_, index) => path.join(directory, String(index)));
    await makeFifos(names);
    return names.map(openBothEnds);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Opening a pipe waits for the other end, unless it is the reader's and told not to wait: that one comes first. */
function openBothEnds(name: string): NamedPipe {
  const readFd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  return { readFd, writeFd: openSync(name, constants.O_WRONLY) };
}

/** Everybody may write: a script that runs as another user opens it as /dev/stderr. The directory lets nobody else near it. */
async function makeFifos(names: readonly string[]): Promise<void> {
  const child = spawn('mkfifo', ['-m', '622', ...names], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mkfifo ended with exit code ${code}`);
}
