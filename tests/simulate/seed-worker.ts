// One process of a simulation: plays the seeds it is sent, one after another, in a house of its own.
import { runSeed, type SeedInput, type SeedResult } from './run-seed.ts';
import { buildHouse } from './support/stage.ts';

export type Played = Omit<SeedResult, 'trace'> & { readonly trace?: readonly string[] };
export type Task = SeedInput & { readonly withTrace: boolean };

const house = await buildHouse();
const send = (message: unknown) => process.send?.(message);

async function play(task: Task): Promise<void> {
  const { trace, ...played } = await runSeed(house, task).catch((error: unknown) => failed(task, error));
  send({ ...played, ...(task.withTrace ? { trace } : {}) } satisfies Played);
}

/** A run that breaks is a violation of that seed, not the end of the night. */
function failed({ seed }: Task, error: unknown): SeedResult {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { seed, hash: 'broken', trace: [], violations: [`the run broke: ${reason}`], figures: {}, realMs: 0 };
}

process.on('message', (message: Task | 'end') => {
  if (message !== 'end') void play(message);
  else void house.close().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
send('ready');
