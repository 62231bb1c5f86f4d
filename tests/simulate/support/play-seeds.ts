import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Played, Task } from '../seed-worker.ts';

const WORKER = fileURLToPath(new URL('../seed-worker.ts', import.meta.url));

export type PlayInput = {
  readonly tasks: Iterable<Task>;
  readonly workers: number;
  /** After so long no further seed is begun. */
  readonly forMs?: number;
  readonly onPlayed: (played: Played) => void;
};

/** Plays seeds in processes side by side, each taking the next one when it has finished one; answers when all are done. */
export async function playSeeds({ tasks, workers, forMs = Infinity, onPlayed }: PlayInput): Promise<void> {
  const left = tasks[Symbol.iterator]();
  const until = performance.now() + forMs;
  const next = (): Task | null => {
    if (performance.now() > until) return null;
    const { done, value } = left.next();
    return done === true ? null : value;
  };
  await Promise.all(Array.from({ length: workers }, () => runWorker(next, onPlayed)));
}

async function runWorker(next: () => Task | null, onPlayed: (played: Played) => void): Promise<void> {
  const child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const give = () => child.send(next() ?? 'end');
  child.on('message', (message: Played | 'ready') => {
    if (message !== 'ready') onPlayed(message);
    give();
  });
  await ended(child);
}

async function ended(child: ChildProcess): Promise<void> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`a process of the simulation ended with ${code ?? signal ?? 'no reason'}`);
}
