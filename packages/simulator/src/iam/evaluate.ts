import { meetsConditions } from './conditions.ts';
import { expandVariables, fitsPattern } from './patterns.ts';
import type { PolicyDocument, Statement } from './records.ts';

type Values = ReadonlyMap<string, readonly string[]>;

/** The names under which a policy may mean a caller: itself with its role, and its whole account. */
export type Principals = { readonly direct: readonly string[]; readonly account: readonly string[] };

/** One question to IAM: may this action be done to this resource, given these context values? */
export type Question = {
  readonly action: string;
  readonly resource: string;
  /** Context keys in lower case, such as `aws:requestedregion`. */
  readonly context: Values;
  readonly principals?: Principals | undefined;
};

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

const coversAction = (statement: Statement, action: string): boolean =>
  statement.Action === undefined
    ? !(statement.NotAction ?? []).some((pattern) => fitsPattern(pattern, action, true))
    : statement.Action.some((pattern) => fitsPattern(pattern, action, true));

const coversResource = (statement: Statement, { resource, context }: Question): boolean => {
  const fits = (text: string): boolean => {
    const pattern = expandVariables(text, context);
    return pattern !== undefined && fitsPattern(pattern, resource);
  };
  if (statement.NotResource !== undefined) return !statement.NotResource.some(fits);
  return statement.Resource === undefined || statement.Resource.some(fits);
};

const coversPrincipal = (statement: Statement, principals: Principals | undefined): boolean => {
  if (principals === undefined) return statement.Principal === undefined && statement.NotPrincipal === undefined;
  const { direct, account } = principals;
  // To leave a caller out, NotPrincipal must name the caller itself; its account alone is not enough.
  if (statement.NotPrincipal !== undefined) return !direct.some((name) => statement.NotPrincipal?.includes(name));
  return (statement.Principal ?? []).some((name) => name === '*' || direct.includes(name) || account.includes(name));
};

/** Whether the statement is about the action, resource and principal, whatever its conditions say. */
export const concerns = (statement: Statement, question: Question): boolean =>
  coversAction(statement, question.action) &&
  coversResource(statement, question) &&
  coversPrincipal(statement, question.principals);

/** Whether the statement has a say in the question. */
export const applies = (statement: Statement, question: Question): boolean =>
  concerns(statement, question) && meetsConditions(statement, question.context);

/** What the policies together decide: an explicit deny wins, an allow is needed (IAM User Guide, "Policy evaluation logic"). */
export const evaluate = (policies: readonly PolicyDocument[], question: Question): Decision => {
  let allowed = false;
  for (const { Statement: statements } of policies) {
    for (const statement of statements) {
      if (!applies(statement, question)) continue;
      if (statement.Effect === 'Deny') return 'explicitDeny';
      allowed = true;
    }
  }
  return allowed ? 'allowed' : 'implicitDeny';
};
