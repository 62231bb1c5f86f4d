import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Part, Played } from './matrix-child.ts';

const CHILD = fileURLToPath(new URL('matrix-child.ts', import.meta.url));

type Worker = { readonly ask: (part: Part) => Promise<Played>; readonly end: () => Promise<void> };
type OnPlayed = (played: Played) => void;

type Matrix = { readonly parts: readonly Part[]; readonly workers: number; readonly onPlayed: OnPlayed };

/** Plays the parts in processes side by side, then every point that showed in them; answers when all are done. */
export async function playMatrix({ parts, workers: count, onPlayed }: Matrix): Promise<void> {
  const workers = await Promise.all(Array.from({ length: count }, startWorker));
  try {
    const found: Part[] = [];
    await playAll(workers, parts, (played) => {
      found.push(...played.points.map((point) => ({ scenario: played.scenario, point })));
      onPlayed(played);
    });
    await playAll(workers, found, onPlayed);
  } finally {
    await Promise.all(workers.map(({ end }) => end()));
  }
}

/** Each worker goes on with the scenario that it has an installation for, while there is any of it. */
async function playAll(workers: readonly Worker[], parts: readonly Part[], onPlayed: OnPlayed): Promise<void> {
  const left = [...parts];
  const take = (scenario: string): Part | undefined => {
    const at = left.findIndex((part) => part.scenario === scenario);
    return at < 0 ? left.shift() : left.splice(at, 1)[0];
  };
  const work = async ({ ask }: Worker) => {
    for (let part = left.shift(); part !== undefined; part = take(part.scenario)) onPlayed(await ask(part));
  };
  await Promise.all(workers.map(work));
}

async function startWorker(): Promise<Worker> {
  const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit').then(([code, signal]: unknown[]) => {
    throw new Error(`a process of the crash matrix ended with ${String(code ?? signal)}`);
  });
  // Whoever waits for an answer hears of it.
  gone.catch(() => undefined);
  const answer = async () => ((await Promise.race([once(child, 'message'), gone])) as unknown[])[0];
  await answer();
  return {
    async ask(part) {
      child.send(part);
      return (await answer()) as Played;
    },
    async end() {
      if (child.connected) child.send('end');
      await gone.catch(() => undefined);
    },
  };
}
