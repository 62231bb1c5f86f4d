import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run test:simulate -- [options]

  --seeds N     so many seeds (100), after those that once found something
  --seed K      begin at this one (1); without --seeds it alone is played, twice
  --weeks W     weeks of virtual time for each (1); 0.5 is half a week
  --workers N   processes side by side (2)
  --minutes M   begin no further seed after so long
  --trace       print what happened in each

Each tenth seed is played twice: the same seed must leave the same trace.
Ends with 0 when nothing was found, 1 when something was, 2 when the options make no sense.
`;

export type Options = {
  readonly first: number;
  readonly count: number;
  /** One seed alone, to look at: twice, without those that are played every time. */
  readonly isAlone: boolean;
  readonly weeks: number;
  readonly workers: number;
  readonly minutes: number;
  readonly trace: boolean;
};

/** The options are not such as can be obeyed; the message says which and why. */
export class UsageError extends Error {}

const text = { type: 'string' } as const;
const KNOWN = {
  seeds: text,
  seed: text,
  weeks: text,
  workers: text,
  minutes: text,
  trace: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What a command line asks for. Throws a UsageError. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const given = parse(args);
  if (given.help) return 'help';
  const isAlone = given.seed !== undefined && given.seeds === undefined;
  return {
    first: whole('--seed', given.seed ?? '1', 1_000_000_000),
    count: isAlone ? 1 : whole('--seeds', given.seeds ?? '100', 10_000_000),
    isAlone,
    weeks: figure('--weeks', given.weeks ?? '1', 52),
    workers: whole('--workers', given.workers ?? '2', 64),
    minutes: given.minutes === undefined ? Infinity : figure('--minutes', given.minutes, 100_000),
    trace: given.trace,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: KNOWN, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, given: string, most: number): number {
  if (/^\d+$/.test(given) && Number(given) >= 1 && Number(given) <= most) return Number(given);
  throw new UsageError(`${name} takes a whole number from 1 to ${most}, not "${given}".`);
}

function figure(name: string, given: string, most: number): number {
  if (/^\d+(\.\d+)?$/.test(given) && Number(given) > 0 && Number(given) <= most) return Number(given);
  throw new UsageError(`${name} takes a number above 0 and up to ${most}, not "${given}".`);
}
