import { BlockList, isIP } from 'node:net';
import { expandVariables, fitsPattern } from './patterns.ts';
import type { Statement } from './records.ts';

type Test = (wanted: string, given: string) => boolean;
type Comparison = { readonly test: Test; readonly negated: boolean };

const equals: Test = (wanted, given) => wanted === given;
const equalsIgnoringCase: Test = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();
const like: Test = (wanted, given) => fitsPattern(wanted, given);
const numbers =
  (compare: (given: number, wanted: number) => boolean): Test =>
  (wanted, given) =>
    compare(Number(given), Number(wanted));

const momentOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const moments =
  (compare: (given: number, wanted: number) => boolean): Test =>
  (wanted, given) =>
    compare(momentOf(given), momentOf(wanted));

const inBlock: Test = (wanted, given) => {
  const [network = '', bits] = wanted.split('/', 2);
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(given) === 0) return false;
  const list = new BlockList();
  list.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  return list.check(given, isIP(given) === 6 ? 'ipv6' : 'ipv4');
};

const is = (test: Test): Comparison => ({ test, negated: false });
const isNot = (test: Test): Comparison => ({ test, negated: true });
const same = (a: number, b: number): boolean => a === b;
const less = (a: number, b: number): boolean => a < b;
const lessOrSame = (a: number, b: number): boolean => a <= b;
const more = (a: number, b: number): boolean => a > b;
const moreOrSame = (a: number, b: number): boolean => a >= b;

// IAM User Guide, "IAM JSON policy elements: Condition operators".
const comparisons: Readonly<Record<string, Comparison>> = {
  StringEquals: is(equals),
  StringNotEquals: isNot(equals),
  StringEqualsIgnoreCase: is(equalsIgnoringCase),
  StringNotEqualsIgnoreCase: isNot(equalsIgnoringCase),
  StringLike: is(like),
  StringNotLike: isNot(like),
  ArnEquals: is(like),
  ArnNotEquals: isNot(like),
  ArnLike: is(like),
  ArnNotLike: isNot(like),
  BinaryEquals: is(equals),
  Bool: is(equalsIgnoringCase),
  IpAddress: is(inBlock),
  NotIpAddress: isNot(inBlock),
  NumericEquals: is(numbers(same)),
  NumericNotEquals: isNot(numbers(same)),
  NumericLessThan: is(numbers(less)),
  NumericLessThanEquals: is(numbers(lessOrSame)),
  NumericGreaterThan: is(numbers(more)),
  NumericGreaterThanEquals: is(numbers(moreOrSame)),
  DateEquals: is(moments(same)),
  DateNotEquals: isNot(moments(same)),
  DateLessThan: is(moments(less)),
  DateLessThanEquals: is(moments(lessOrSame)),
  DateGreaterThan: is(moments(more)),
  DateGreaterThanEquals: is(moments(moreOrSame)),
};

const partsOf = (
  operator: string,
): { readonly set: string | undefined; readonly base: string; readonly ifExists: boolean } => {
  const [, set, named = operator] = /^(?:(ForAllValues|ForAnyValue):)?(.+)$/.exec(operator) ?? [];
  const ifExists = named.endsWith('IfExists');
  return { set, base: ifExists ? named.slice(0, -'IfExists'.length) : named, ifExists };
};

/** Whether IAM has the operator, with or without `ForAllValues:` and `IfExists`. */
export const isOperator = (operator: string): boolean => {
  const { base } = partsOf(operator);
  return base === 'Null' || Object.hasOwn(comparisons, base);
};

type Values = ReadonlyMap<string, readonly string[]>;

const meetsOne = (operator: string, wanted: readonly string[], given: readonly string[] | undefined): boolean => {
  const { set, base, ifExists } = partsOf(operator);
  if (base === 'Null') return wanted.some((text) => (text === 'true') === (given === undefined));
  const comparison = Object.hasOwn(comparisons, base) ? comparisons[base] : undefined;
  if (comparison === undefined) return false;
  if (given === undefined) return ifExists || (set === undefined ? comparison.negated : set === 'ForAllValues');
  const fits = (value: string): boolean => wanted.some((text) => comparison.test(text, value)) !== comparison.negated;
  return set === 'ForAllValues' || (set === undefined && comparison.negated) ? given.every(fits) : given.some(fits);
};

/** Whether every condition of the statement holds for these values of condition keys. */
export const meetsConditions = (statement: Statement, context: Values): boolean =>
  Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      meetsOne(
        operator,
        wanted.flatMap((text) => expandVariables(text, context) ?? []),
        context.get(key.toLowerCase()),
      ),
    ),
  );
