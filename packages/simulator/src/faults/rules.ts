import { fitsPattern } from '../iam/patterns.ts';
import { seededRandom } from '../state/ids.ts';
import type { World } from '../state/world.ts';
import type { Params } from '../wire/params.ts';

/** What a fault does to the calls it hits. */
export const faultKinds = [
  'delay',
  'error503',
  'error500',
  'error',
  'throttle',
  'reset-before',
  'execute-then-drop',
  'stale-read',
  'error-state',
  'region-down',
  'deny',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Which calls a fault is about; what is left out matches everything, names may hold `*` and `?`. */
export type FaultMatch = {
  readonly service?: string | undefined;
  readonly action?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly accessKey?: string | undefined;
  /** An id or other value that one of the request's parameters must have. */
  readonly resource?: string | undefined;
};

export type FaultRule = {
  readonly id: string;
  readonly kind: FaultKind;
  readonly match: FaultMatch;
  /** Only the nth matching call, counted from 1. */
  readonly nth: number | undefined;
  /** Every nth matching call. */
  readonly every: number | undefined;
  /** How many times at most. */
  readonly count: number | undefined;
  readonly probability: number | undefined;
  readonly random: () => number;
  readonly delayMs: number;
  /** Whether a delay comes before the call is carried out or after. */
  readonly when: 'before' | 'after';
  readonly staleMs: number;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly message: string | undefined;
  seen: number;
  fired: number;
};

type CallFacts = {
  readonly service: string;
  readonly action: string;
  readonly account: string;
  readonly region: string;
  readonly accessKey: string;
  readonly params: Params;
};

const matches = (match: FaultMatch, facts: CallFacts): boolean => {
  const fits = (pattern: string | undefined, text: string): boolean =>
    pattern === undefined || fitsPattern(pattern, text, true);
  return (
    fits(match.service, facts.service) &&
    fits(match.action, facts.action) &&
    fits(match.account, facts.account) &&
    fits(match.region, facts.region) &&
    (match.accessKey === undefined || match.accessKey === facts.accessKey) &&
    (match.resource === undefined || facts.params.all().some(([, value]) => value === match.resource))
  );
};

const strikes = (rule: FaultRule): boolean => {
  if (rule.count !== undefined && rule.fired >= rule.count) return false;
  if (rule.nth !== undefined && rule.seen !== rule.nth) return false;
  if (rule.every !== undefined && rule.seen % rule.every !== 0) return false;
  return rule.probability === undefined || rule.random() < rule.probability;
};

/** The faults that hit this call, in the order they were set. Counts the call for each rule it matches. */
export const strikingFaults = (world: World, facts: CallFacts): FaultRule[] =>
  world.faults.filter((rule) => {
    if (!matches(rule.match, facts)) return false;
    rule.seen += 1;
    const struck = strikes(rule);
    if (struck) rule.fired += 1;
    return struck;
  });

const numberIn = (wish: Readonly<Record<string, unknown>>, name: string): number | undefined => {
  const value = wish[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new RangeError(`${name} must be a number of 0 or more`);
  return value;
};

const textIn = (wish: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = wish[name];
  if (value !== undefined && typeof value !== 'string') throw new RangeError(`${name} must be a text`);
  return value;
};

const matchNames = ['service', 'action', 'account', 'region', 'accessKey', 'resource'] as const;
const ruleNames = [
  'kind',
  'match',
  'nth',
  'every',
  'count',
  'probability',
  'seed',
  'delayMs',
  'when',
  'staleMs',
  'code',
  'status',
  'message',
] as const;

const matchIn = (wish: Readonly<Record<string, unknown>>): FaultMatch => {
  const given = (typeof wish['match'] === 'object' && wish['match'] !== null ? wish['match'] : wish) as Readonly<
    Record<string, unknown>
  >;
  if (given !== wish) refuseUnknown(given, matchNames, 'match');
  return Object.fromEntries(matchNames.map((name) => [name, textIn(given, name)]));
};

// A misspelt name would make a fault hit every call.
const refuseUnknown = (given: Readonly<Record<string, unknown>>, known: readonly string[], where: string): void => {
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) throw new RangeError(`${where} has no ${strange}; it has ${known.join(', ')}`);
};

/** Reads one fault as it is posted to `/_simulator/faults`. Throws a RangeError that says what is wrong. */
export const readFault = (id: string, wish: Readonly<Record<string, unknown>>): FaultRule => {
  const kind = faultKinds.find((known) => known === wish['kind']);
  if (kind === undefined) throw new RangeError(`kind must be one of ${faultKinds.join(', ')}`);
  refuseUnknown(wish, [...ruleNames, ...matchNames], 'a fault');
  const when = wish['when'] ?? 'before';
  if (when !== 'before' && when !== 'after') throw new RangeError('when must be before or after');
  return {
    id,
    kind,
    match: matchIn(wish),
    nth: numberIn(wish, 'nth'),
    every: numberIn(wish, 'every'),
    count: numberIn(wish, 'count'),
    probability: numberIn(wish, 'probability'),
    random: seededRandom(numberIn(wish, 'seed') ?? 1),
    delayMs: numberIn(wish, 'delayMs') ?? 0,
    when,
    staleMs: numberIn(wish, 'staleMs') ?? 5_000,
    code: textIn(wish, 'code'),
    status: numberIn(wish, 'status'),
    message: textIn(wish, 'message'),
    seen: 0,
    fired: 0,
  };
};

/** A fault as `/_simulator/faults` lists it. */
export const describeFault = ({ random: _random, ...rule }: FaultRule): Readonly<Record<string, unknown>> => rule;
