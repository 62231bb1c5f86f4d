// `npm run test:simulate -- --seeds 1000`: plays seeds, compares each with the truth, and says what it found.
import { parseArgs } from 'node:util';
import { setup } from '../../packages/server/test-setup/global-postgres.ts';
import type { Played, Task } from './seed-worker.ts';
import { PINNED } from './seeds.ts';
import { playSeeds } from './support/play-seeds.ts';
import { summary } from './support/summary.ts';

const HELP = `Usage: npm run test:simulate -- [options]

  --seeds N     so many seeds (100)
  --seed K      begin at this one (1); without --seeds it alone is played, twice
  --weeks W     weeks of virtual time for each (2)
  --workers N   processes side by side (2)
  --minutes M   begin no further seed after so long
  --trace       print what happened in each
`;

const number = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    seeds: number,
    seed: number,
    weeks: number,
    workers: number,
    minutes: number,
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** One in so many is played a second time: the same seed must leave the same trace. */
const REPEATED = 10;

function* tasksOf(): Generator<Task> {
  const weeks = Number(values.weeks ?? 2);
  const first = Number(values.seed ?? 1);
  const isAlone = values.seed !== undefined && values.seeds === undefined;
  const count = isAlone ? 1 : Number(values.seeds ?? 100);
  if (![weeks, first, count].every((each) => Number.isFinite(each) && each > 0)) throw new Error(HELP);
  if (!isAlone) for (const pinned of PINNED) yield { ...pinned, withTrace: values.trace };
  for (let seed = first; seed < first + count; seed += 1) {
    yield { seed, weeks, withTrace: values.trace };
    if (isAlone || seed % REPEATED === 0) yield { seed, weeks, withTrace: values.trace };
  }
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const tearDown = await setup();
  const played: Played[] = [];
  const began = performance.now();
  try {
    await playSeeds({
      tasks: tasksOf(),
      workers: Number(values.workers ?? 2),
      ...(values.minutes === undefined ? {} : { forMs: Number(values.minutes) * 60_000 }),
      onPlayed: (each) => {
        played.push(each);
        for (const violation of each.violations) process.stdout.write(`seed ${each.seed}: ${violation}\n`);
        if (each.trace !== undefined) process.stdout.write(`${each.trace.join('\n')}\n`);
      },
    });
  } finally {
    await tearDown();
  }
  const { text, isClean } = summary(played, { weeks: Number(values.weeks ?? 2), realMs: performance.now() - began });
  process.stdout.write(text);
  return isClean ? 0 : 1;
}

process.exitCode = await main();
