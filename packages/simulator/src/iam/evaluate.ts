import type { PolicyDocument, Statement } from './records.ts';

/** One question to IAM: may this action be done to this resource, given these context values? */
export type Question = {
  readonly action: string;
  readonly resource: string;
  /** Context keys in lower case, such as `aws:requestedregion`. */
  readonly context: ReadonlyMap<string, readonly string[]>;
  readonly principal?: readonly string[] | undefined;
};

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

const patterns = new Map<string, RegExp>();

/** Whether the text fits a pattern in which `*` stands for any run of characters and `?` for one. */
export const fitsPattern = (pattern: string, text: string, ignoreCase = false): boolean => {
  const key = `${ignoreCase ? 'i' : 's'}${pattern}`;
  const known = patterns.get(key);
  if (known !== undefined) return known.test(text);
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const made = new RegExp(`^${source}$`, ignoreCase ? 'is' : 's');
  if (patterns.size > 5_000) patterns.clear();
  patterns.set(key, made);
  return made.test(text);
};

const equalsIgnoringCase = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const asNumber = (compare: (a: number, b: number) => boolean) => (wanted: string, given: string) =>
  compare(Number(given), Number(wanted));
const asDate = (compare: (a: number, b: number) => boolean) => (wanted: string, given: string) =>
  compare(Date.parse(given), Date.parse(wanted));

type Comparison = { readonly test: (wanted: string, given: string) => boolean; readonly negated: boolean };

const comparisons: Readonly<Record<string, Comparison>> = {
  StringEquals: { test: (wanted, given) => wanted === given, negated: false },
  StringNotEquals: { test: (wanted, given) => wanted === given, negated: true },
  StringEqualsIgnoreCase: { test: equalsIgnoringCase, negated: false },
  StringNotEqualsIgnoreCase: { test: equalsIgnoringCase, negated: true },
  StringLike: { test: (wanted, given) => fitsPattern(wanted, given), negated: false },
  StringNotLike: { test: (wanted, given) => fitsPattern(wanted, given), negated: true },
  ArnEquals: { test: (wanted, given) => fitsPattern(wanted, given), negated: false },
  ArnNotEquals: { test: (wanted, given) => fitsPattern(wanted, given), negated: true },
  ArnLike: { test: (wanted, given) => fitsPattern(wanted, given), negated: false },
  ArnNotLike: { test: (wanted, given) => fitsPattern(wanted, given), negated: true },
  Bool: { test: equalsIgnoringCase, negated: false },
  NumericEquals: { test: asNumber((a, b) => a === b), negated: false },
  NumericNotEquals: { test: asNumber((a, b) => a === b), negated: true },
  NumericLessThan: { test: asNumber((a, b) => a < b), negated: false },
  NumericLessThanEquals: { test: asNumber((a, b) => a <= b), negated: false },
  NumericGreaterThan: { test: asNumber((a, b) => a > b), negated: false },
  NumericGreaterThanEquals: { test: asNumber((a, b) => a >= b), negated: false },
  DateLessThan: { test: asDate((a, b) => a < b), negated: false },
  DateGreaterThan: { test: asDate((a, b) => a > b), negated: false },
};

const meetsOne = (operator: string, wanted: readonly string[], given: readonly string[] | undefined): boolean => {
  const [, set, base = operator] = /^(?:(ForAllValues|ForAnyValue):)?(.+)$/.exec(operator) ?? [];
  if (base === 'Null') return wanted.some((text) => (text === 'true') === (given === undefined));
  const ifExists = base.endsWith('IfExists');
  const comparison = comparisons[ifExists ? base.slice(0, -'IfExists'.length) : base];
  if (comparison === undefined) return false;
  if (given === undefined) return ifExists || comparison.negated || set === 'ForAllValues';
  const fits = (value: string): boolean => wanted.some((text) => comparison.test(text, value)) !== comparison.negated;
  return set === 'ForAllValues' ? given.every(fits) : given.some(fits);
};

const meetsConditions = (statement: Statement, question: Question): boolean =>
  Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => meetsOne(operator, wanted, question.context.get(key))),
  );

const coversAction = (statement: Statement, action: string): boolean =>
  statement.Action === undefined
    ? !(statement.NotAction ?? []).some((pattern) => fitsPattern(pattern, action, true))
    : statement.Action.some((pattern) => fitsPattern(pattern, action, true));

const coversResource = (statement: Statement, resource: string): boolean => {
  if (statement.NotResource !== undefined)
    return !statement.NotResource.some((pattern) => fitsPattern(pattern, resource));
  return statement.Resource === undefined || statement.Resource.some((pattern) => fitsPattern(pattern, resource));
};

const coversPrincipal = (statement: Statement, principal: readonly string[] | undefined): boolean => {
  if (principal === undefined) return statement.Principal === undefined;
  return (statement.Principal ?? []).some((named) => named === '*' || principal.includes(named));
};

/** What the policies together decide: an explicit deny wins, an allow is needed (IAM User Guide, "Policy evaluation logic"). */
export const evaluate = (policies: readonly PolicyDocument[], question: Question): Decision => {
  let allowed = false;
  for (const statement of policies.flatMap((policy) => policy.Statement)) {
    const applies =
      coversAction(statement, question.action) &&
      coversResource(statement, question.resource) &&
      coversPrincipal(statement, question.principal) &&
      meetsConditions(statement, question);
    if (applies && statement.Effect === 'Deny') return 'explicitDeny';
    allowed ||= applies;
  }
  return allowed ? 'allowed' : 'implicitDeny';
};
