import { beforeAll, describe, expect, it } from 'vitest';
import type { Played, Task } from './seed-worker.ts';
import { PINNED } from './seeds.ts';
import { readOptions, UsageError } from './support/options.ts';
import { playSeeds } from './support/play-seeds.ts';
import { areUnlike, summary } from './support/summary.ts';

const COUNT = 300;
const WEEKS = 0.1;
/** One in so many is played twice. */
const REPEATED = 20;
/** A slow machine plays fewer, never longer. */
const FOR_MS = 210_000;
const LEAST = 20;

function* tasks(): Generator<Task> {
  for (const { seed, weeks } of PINNED) yield { seed, weeks, withTrace: false };
  for (let seed = 1; seed <= COUNT; seed += 1) {
    yield { seed, weeks: WEEKS, withTrace: false };
    if (seed % REPEATED === 0) yield { seed, weeks: WEEKS, withTrace: false };
  }
}

const again = ({ seed, weeks }: Played): string =>
  `again: npm run test:simulate -- --seed ${seed} --weeks ${weeks} --trace`;

describe('Days of virtual time, played from seeds', () => {
  const played: Played[] = [];
  beforeAll(async () => {
    const began = performance.now();
    await playSeeds({ tasks: tasks(), workers: 2, forMs: FOR_MS, onPlayed: (each) => void played.push(each) });
    const { text } = summary(played, performance.now() - began);
    process.stdout.write(`${text.split('\n').slice(0, 4).join('\n')}\n`);
  }, 600_000);

  it('end with CPM and AWS of one mind, whatever went wrong on the way', () => {
    const found = played.flatMap((each) => each.violations.map((violation) => `${violation}; ${again(each)}`));
    expect(found).toEqual([]);
    expect(played.length).toBeGreaterThan(PINNED.length + LEAST);
  });

  it('leave the same trace whenever the same seed is played', () => {
    const runs = [...Map.groupBy(played, ({ seed, weeks }) => `${seed} ${weeks}`).values()];
    const unlike = runs.filter(areUnlike).map(([each]) => (each === undefined ? '' : again(each)));
    expect(unlike).toEqual([]);
    expect(runs.some(({ length }) => length > 1)).toBe(true);
  });

  it('hold backups that succeed and fail, scripts, deletions, recoveries, skipped slots, troubles, restarts and clocks that are set', () => {
    const figures = new Set(played.flatMap((each) => Object.keys(each.figures)));
    const backups = ['backup successful (schedule)', 'backup partial', 'backup failed', 'backup successful (manual)'];
    const others = [
      'recovery of volumes successful',
      'recovery of instance successful',
      'script "after" succeeded',
      'deletion deleted',
      'trouble: ',
      'restart',
      'clock set',
      'skipped: ',
    ];
    const missing = [...backups, ...others].filter((name) => ![...figures].some((each) => each.startsWith(name)));
    expect(missing).toEqual([]);
  });
});

describe('The command that plays seeds', () => {
  it('takes its figures as they are meant, and says which of them makes no sense', () => {
    expect(readOptions(['--seeds', '7', '--seed', '3', '--weeks', '0.5', '--workers', '1'])).toMatchObject({
      first: 3,
      count: 7,
      isAlone: false,
      weeks: 0.5,
      workers: 1,
      minutes: Infinity,
    });
    expect(readOptions(['--seed', '12'])).toMatchObject({ first: 12, count: 1, isAlone: true });
    expect(readOptions(['--help'])).toBe('help');
    for (const args of [
      ['--seeds', '0'],
      ['--seeds', 'many'],
      ['--weeks', '0'],
      ['--workers', '1.5'],
      ['--minutes', 'x'],
    ]) {
      expect(() => readOptions(args), args.join(' ')).toThrow(UsageError);
      expect(() => readOptions(args)).toThrow(args[0]);
    }
    expect(() => readOptions(['--speed', '9'])).toThrow('--speed');
  });
});
