import { awsError } from '../wire/errors.ts';
import { isOperator } from './conditions.ts';
import type { NamedPolicy, PolicyDocument, Statement } from './records.ts';

const malformed = (message: string): Error => awsError('MalformedPolicyDocument', message);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textsOf = (value: unknown, what: string): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((member) => typeof member === 'string'))
    throw malformed(`${what} must be a string or a list of strings.`);
  return list;
};

const actionsOf = (value: unknown): readonly string[] | undefined => {
  const actions = textsOf(value, 'Action');
  if (actions?.some((action) => action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action)) === true)
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  return actions;
};

const resourcesOf = (value: unknown): readonly string[] | undefined => {
  const resources = textsOf(value, 'Resource');
  const strange = resources?.find((resource) => resource !== '*' && !resource.startsWith('arn:'));
  if (strange !== undefined) throw malformed(`Resource ${strange} must be in ARN format or "*".`);
  return resources;
};

const principalsOf = (value: unknown): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  if (value === '*') return ['*'];
  if (!isObject(value)) throw malformed('Invalid principal in policy.');
  return Object.values(value).flatMap((member) => textsOf(member, 'Principal') ?? []);
};

const conditionOf = (value: unknown): Statement['Condition'] => {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  const operators = Object.entries(value).map(([operator, keys]) => {
    if (!isObject(keys)) throw malformed('Syntax errors in policy.');
    if (!isOperator(operator)) throw malformed(`Invalid Condition type : ${operator}.`);
    const values = Object.entries(keys).map(([key, texts]) => {
      const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts];
      return [key, list.map(String)] as const;
    });
    return [operator, Object.fromEntries(values)] as const;
  });
  return Object.fromEntries(operators);
};

const statementOf = (value: unknown): Statement => {
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  if (value['Effect'] !== 'Allow' && value['Effect'] !== 'Deny')
    throw malformed('Policy statement must contain an effect.');
  if (value['Action'] === undefined && value['NotAction'] === undefined)
    throw malformed('Policy statement must contain actions.');
  return {
    Sid: typeof value['Sid'] === 'string' ? value['Sid'] : undefined,
    Effect: value['Effect'],
    Action: actionsOf(value['Action']),
    NotAction: actionsOf(value['NotAction']),
    Resource: resourcesOf(value['Resource']),
    NotResource: resourcesOf(value['NotResource']),
    Principal: principalsOf(value['Principal']),
    NotPrincipal: principalsOf(value['NotPrincipal']),
    Condition: conditionOf(value['Condition']),
  };
};

/** Reads a policy given as an object (an estate file) or already parsed JSON. Throws MalformedPolicyDocument. */
export const readPolicyObject = (value: unknown): PolicyDocument => {
  if (!isObject(value) || value['Statement'] === undefined) throw malformed('Syntax errors in policy.');
  const statements: readonly unknown[] = Array.isArray(value['Statement']) ? value['Statement'] : [value['Statement']];
  const version = value['Version'];
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17')
    throw malformed('Syntax errors in policy.');
  return { Version: typeof version === 'string' ? version : '2008-10-17', Statement: statements.map(statementOf) };
};

/** Reads the JSON text of a policy that grants or denies something to a user or a role. */
export const readPolicy = (name: string, text: string): NamedPolicy => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw malformed('Syntax errors in policy.');
  }
  return { name, document: readPolicyObject(parsed), text };
};

/** Like `readPolicy`, for identity policies, which must name resources. */
export const readIdentityPolicy = (name: string, text: string): NamedPolicy => {
  const policy = readPolicy(name, text);
  for (const statement of policy.document.Statement) {
    if (statement.Resource === undefined && statement.NotResource === undefined) {
      throw malformed('Policy statement must contain resources.');
    }
    if (statement.Principal !== undefined) throw malformed('Policy document should not specify a principal.');
  }
  return policy;
};
