import { fitsPattern } from '../iam/patterns.ts';
import type { CommandEnd } from '../state/command-records.ts';

const matchNames = ['account', 'region', 'instance', 'document', 'command'] as const;
const planNames = [
  'match',
  'exitCode',
  'stdout',
  'stderr',
  'durationMs',
  'hangs',
  'deliverAfterMs',
  'neverDelivered',
  'nth',
  'count',
] as const;

type Match = Readonly<Partial<Record<(typeof matchNames)[number], string>>>;

/** How commands that match end. Names may hold `*` and `?`; `command` is about all lines of the script together. */
export type CommandPlan = CommandEnd & {
  readonly id: string;
  readonly match: Match;
  readonly durationMs: number | undefined;
  readonly hangs: boolean;
  readonly deliverAfterMs: number | undefined;
  readonly neverDelivered: boolean;
  readonly nth: number | undefined;
  readonly count: number | undefined;
  seen: number;
  used: number;
};

type Wish = Readonly<Record<string, unknown>>;

const refuseUnknown = (given: Wish, known: readonly string[], where: string): void => {
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) throw new RangeError(`${where} has no ${strange}; it has ${known.join(', ')}`);
};

const read = <T>(wish: Wish, name: string, type: 'number' | 'string' | 'boolean'): T | undefined => {
  const value = wish[name];
  if (value === undefined || value === null) return undefined;
  // oxlint-disable-next-line valid-typeof -- the names are those of typeof
  if (typeof value !== type || (typeof value === 'number' && !(value >= 0)))
    throw new RangeError(`${name} must be a ${type === 'number' ? 'number of 0 or more' : type}`);
  return value as T;
};

const matchIn = (wish: Wish): Match => {
  const given = wish['match'] ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new RangeError('match must be an object');
  refuseUnknown(given as Wish, matchNames, 'match');
  return Object.fromEntries(
    matchNames.flatMap((name) => {
      const text = read<string>(given as Wish, name, 'string');
      return text === undefined ? [] : [[name, text]];
    }),
  );
};

/** Reads one plan as it is posted to `/_simulator/commands` or written in an estate. Throws a RangeError that says what is wrong. */
export const readPlan = (id: string, wish: Wish): CommandPlan => {
  refuseUnknown(wish, planNames, 'a command plan');
  return {
    id,
    match: matchIn(wish),
    exitCode: read<number>(wish, 'exitCode', 'number') ?? 0,
    stdout: read<string>(wish, 'stdout', 'string') ?? '',
    stderr: read<string>(wish, 'stderr', 'string') ?? '',
    durationMs: read<number>(wish, 'durationMs', 'number'),
    hangs: read<boolean>(wish, 'hangs', 'boolean') ?? false,
    deliverAfterMs: read<number>(wish, 'deliverAfterMs', 'number'),
    neverDelivered: read<boolean>(wish, 'neverDelivered', 'boolean') ?? false,
    nth: read<number>(wish, 'nth', 'number'),
    count: read<number>(wish, 'count', 'number'),
    seen: 0,
    used: 0,
  };
};

const strikes = (plan: CommandPlan): boolean =>
  (plan.nth === undefined || plan.seen === plan.nth) && (plan.count === undefined || plan.used < plan.count);

/** The plan for a command on an instance: the latest one that matches. Counts the command for every plan it matches. */
export const planFor = (
  plans: readonly CommandPlan[],
  facts: Readonly<Record<(typeof matchNames)[number], string>>,
): CommandPlan | undefined => {
  const matching = plans.filter((plan) =>
    matchNames.every((name) => {
      const pattern = plan.match[name];
      return pattern === undefined || fitsPattern(pattern, facts[name]);
    }),
  );
  for (const plan of matching) plan.seen += 1;
  const chosen = matching.findLast(strikes);
  if (chosen !== undefined) chosen.used += 1;
  return chosen;
};
