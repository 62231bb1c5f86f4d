import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { demandText, pageOf, type IamOperations } from './call.ts';
import { awsPolicies } from './caller.ts';
import { applies, concerns, evaluate, type Question } from './evaluate.ts';
import { readPolicy } from './read-policy.ts';
import type { NamedPolicy, Statement } from './records.ts';

/** The policies of a user or role under the names by which IAM reports them. */
const sourcePolicies = (call: Call): NamedPolicy[] => {
  const arn = demandText(call, 'PolicySourceArn');
  const kind = /^arn:[^:]+:iam::\d{12}:(user|role|group)\//.exec(arn)?.[1];
  if (kind === undefined)
    throw awsError('InvalidInput', `Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  const { account } = call.caller;
  const bearer = [...account.users.values(), ...account.roles.values()].find((one) => one.arn === arn);
  if (bearer === undefined) throw awsError('NoSuchEntity', `The entity ${arn} cannot be found.`);
  const inline = [...bearer.inline.values()].map((policy) => ({
    ...policy,
    name: `${kind}_${bearer.name}_${policy.name}`,
  }));
  const attached = [...bearer.attached].flatMap((policyArn) => {
    const document = account.policies.get(policyArn)?.document ?? awsPolicies.get(policyArn);
    return document === undefined ? [] : [{ name: policyArn.split('/').at(-1) ?? '', document, text: '' }];
  });
  return [...inline, ...attached];
};

const keysOf = (statement: Statement): string[] => Object.values(statement.Condition ?? {}).flatMap(Object.keys);

const judge = (policies: readonly NamedPolicy[], question: Question): Reply => {
  const documents = policies.map(({ document }) => document);
  const decision = evaluate(documents, question);
  const effect = decision === 'explicitDeny' ? 'Deny' : 'Allow';
  const deciding = policies.filter(({ document }) =>
    document.Statement.some((statement) => statement.Effect === effect && applies(statement, question)),
  );
  const asked = documents
    .flatMap((document) => document.Statement)
    .filter((statement) => concerns(statement, question))
    .flatMap(keysOf);
  return {
    EvalActionName: question.action,
    EvalResourceName: question.resource,
    EvalDecision: decision,
    MatchedStatements: deciding.map(({ name }) => ({ SourcePolicyId: name, SourcePolicyType: 'IAM Policy' })),
    MissingContextValues: [...new Set(asked)].filter((key) => !question.context.has(key.toLowerCase())),
  };
};

const actionsOf = (call: Call): readonly string[] => {
  const actions = call.params.texts('ActionNames');
  if (actions.length === 0) throw awsError('InvalidInput', 'At least one action name is needed.');
  const strange = actions.find((action) => !/^[\w-]+:[\w*]+$/.test(action));
  if (strange !== undefined) throw awsError('InvalidInput', `Invalid Action Name: ${strange}`);
  return actions;
};

const simulate = (call: Call, policies: readonly NamedPolicy[]): Reply => {
  const given = call.params.texts('ResourceArns');
  const resources = given.length === 0 ? ['*'] : given;
  const context = new Map(
    call.params
      .structs('ContextEntries')
      .map((entry) => [(entry.text('ContextKeyName') ?? '').toLowerCase(), entry.texts('ContextKeyValues')]),
  );
  const results = actionsOf(call).flatMap((action) =>
    resources.map((resource) => judge(policies, { action, resource, context })),
  );
  return pageOf(call, 'EvaluationResults', results);
};

const inputPolicies = (call: Call): NamedPolicy[] =>
  call.params.texts('PolicyInputList').map((text, at) => readPolicy(`PolicyInputList.${at + 1}`, text));

/** Asks what the policies of a user or role would allow, without doing anything. */
export const simulationOperations: IamOperations = {
  SimulatePrincipalPolicy: (call) => simulate(call, [...sourcePolicies(call), ...inputPolicies(call)]),
  SimulateCustomPolicy: (call) => simulate(call, inputPolicies(call)),
};
