// `npm run test:simulate -- --seeds 1000`: plays seeds, compares each with the truth, and says what it found.
import { setup } from '../../packages/server/test-setup/global-postgres.ts';
import { everyMinute } from '../flows/support/every-minute.ts';
import type { Played, Task } from './seed-worker.ts';
import { PINNED } from './seeds.ts';
import { HELP, readOptions, UsageError, type Options } from './support/options.ts';
import { playSeeds } from './support/play-seeds.ts';
import { summary } from './support/summary.ts';

/** One in so many is played a second time: the same seed must leave the same trace. */
const REPEATED = 10;

function* tasksOf({ first, count, isAlone, weeks, trace: withTrace }: Options): Generator<Task> {
  if (!isAlone) for (const { seed, weeks } of PINNED) yield { seed, weeks, withTrace };
  for (let seed = first; seed < first + count; seed += 1) {
    yield { seed, weeks, withTrace };
    if (isAlone || seed % REPEATED === 0) yield { seed, weeks, withTrace };
  }
}

async function play(options: Options): Promise<number> {
  const tearDown = await setup();
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (isStopped = true));
  const played: Played[] = [];
  const began = performance.now();
  const tellProgress = everyMinute((minutes) => {
    const violations = played.reduce((sum, each) => sum + each.violations.length, 0);
    process.stderr.write(`${played.length} runs in ${minutes} min, ${violations} violations\n`);
  });
  try {
    await playSeeds({
      tasks: tasksOf(options),
      workers: options.workers,
      forMs: options.minutes * 60_000,
      isStopped: () => isStopped,
      onPlayed: (each) => {
        played.push(each);
        tellProgress();
        for (const violation of each.violations) process.stdout.write(`seed ${each.seed}: ${violation}\n`);
        if (each.trace !== undefined) process.stdout.write(`${each.trace.join('\n')}\n`);
      },
    });
  } finally {
    await tearDown();
  }
  const { text, isClean } = summary(played, performance.now() - began);
  process.stdout.write(text);
  return isClean ? 0 : 1;
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options !== 'help') return await play(options);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

process.exitCode = await main();
