// One process of a simulation: plays the seeds it is sent, one after another, in a house of its own.
import { runSeed, type SeedInput, type SeedResult } from './run-seed.ts';
import { brokenBy } from './support/play-seeds.ts';
import { buildHouse } from './support/stage.ts';

export type Played = Omit<SeedResult, 'trace'> & { readonly trace?: readonly string[] };
export type Task = SeedInput & { readonly withTrace: boolean };

const house = await buildHouse();
const send = (message: unknown) => process.send?.(message);

async function play(task: Task): Promise<Played> {
  try {
    const { trace, ...played } = await runSeed(house, task);
    return task.withTrace ? { ...played, trace } : played;
  } catch (error) {
    return brokenBy(task, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

process.on('message', (message: Task | 'end') => {
  if (message !== 'end') void play(message).then(send);
  else void house.close().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
// Whoever started it is told as well, and lets it come to an end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
send('ready');
