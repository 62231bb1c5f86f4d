import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Played, Task } from '../seed-worker.ts';

const WORKER = fileURLToPath(new URL('../seed-worker.ts', import.meta.url));
/** So long one seed may take before it counts as one that never ends. */
const LONGEST_MS = 5 * 60_000;
/** A process that has played so many is replaced: what it has piled up would make the start of every script slower. */
const SEEDS_EACH = 150;

export type PlayInput = {
  readonly tasks: Iterable<Task>;
  readonly workers: number;
  /** After so long no further seed is begun. */
  readonly forMs?: number;
  /** Asked before each: true when no further one is wanted. */
  readonly isStopped?: () => boolean;
  readonly onPlayed: (played: Played) => void;
};

/** Plays seeds in processes side by side, each taking the next one when it has finished one; answers when all are done. */
export async function playSeeds(input: PlayInput): Promise<void> {
  const { tasks, workers, forMs = Infinity, isStopped = () => false, onPlayed } = input;
  const left = tasks[Symbol.iterator]();
  const until = performance.now() + forMs;
  const next = (): Task | null => {
    if (performance.now() > until || isStopped()) return null;
    const { done, value } = left.next();
    return done === true ? null : value;
  };
  const work = async () => {
    while (await runWorker(next, onPlayed)) continue;
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/** Plays seeds in one process until it has had enough (true: another one may go on) or nothing is left. */
function runWorker(next: () => Task | null, onPlayed: PlayInput['onPlayed']): Promise<boolean> {
  const child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [...process.execArgv, HEAP] });
  let task: Task | null = null;
  let isOver = false;
  let count = 0;
  const give = () => {
    task = count < SEEDS_EACH ? next() : null;
    isOver = task === null && count < SEEDS_EACH;
    count += 1;
    child.send(task ?? 'end');
  };
  const watch = watchTime(child);
  child.on('message', (message: Played | 'ready') => {
    watch.again();
    if (message !== 'ready') onPlayed(message);
    give();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      watch.stop();
      const reason = `its process ended with ${code ?? signal ?? 'no reason'}`;
      if (task !== null) onPlayed(brokenBy(task, reason));
      if (task === null && code !== 0) reject(new Error(`the simulation cannot go on: ${reason}`));
      else resolve(!isOver);
    });
  });
}

/** Less of what lives for a moment only is carried along. */
const HEAP = '--max-semi-space-size=32';

function watchTime(child: ChildProcess) {
  const start = () => setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let timer = start();
  const stop = () => clearTimeout(timer);
  const again = () => {
    stop();
    timer = start();
  };
  return { again, stop };
}

/** A run that breaks is a violation of that seed, not the end of the night. */
export function brokenBy({ seed, weeks }: Task, reason: string): Played {
  return { seed, weeks, hash: 'broken', violations: [`the run broke: ${reason}`], figures: {}, realMs: 0 };
}
