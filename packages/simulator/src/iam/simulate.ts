import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { demandText, pageOf, type IamOperations } from './call.ts';
import { policiesOf } from './caller.ts';
import { evaluate } from './evaluate.ts';
import { readPolicy } from './read-policy.ts';
import type { PolicyDocument } from './records.ts';

const sourcePolicies = (call: Call): PolicyDocument[] => {
  const arn = demandText(call, 'PolicySourceArn');
  const { account } = call.caller;
  const bearer = [...account.users.values(), ...account.roles.values()].find((one) => one.arn === arn);
  if (bearer === undefined) throw awsError('NoSuchEntity', `The entity ${arn} cannot be found.`);
  return policiesOf(account, bearer);
};

const simulate = (call: Call, policies: readonly PolicyDocument[]): Reply => {
  const actions = call.params.texts('ActionNames');
  if (actions.length === 0) throw awsError('InvalidInput', 'At least one action name is needed.');
  const given = call.params.texts('ResourceArns');
  const resources = given.length === 0 ? ['*'] : given;
  const context = new Map(
    call.params
      .structs('ContextEntries')
      .map((entry) => [(entry.text('ContextKeyName') ?? '').toLowerCase(), entry.texts('ContextKeyValues')]),
  );
  const results = actions.flatMap((action) =>
    resources.map((resource) => ({
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: evaluate(policies, { action, resource, context }),
      MatchedStatements: [],
      MissingContextValues: [],
    })),
  );
  return pageOf(call, 'EvaluationResults', results);
};

const inputPolicies = (call: Call): PolicyDocument[] =>
  call.params.texts('PolicyInputList').map((text, at) => readPolicy(`input${at}`, text).document);

/** Asks what the policies of a user or role would allow, without doing anything. */
export const simulationOperations: IamOperations = {
  SimulatePrincipalPolicy: (call) => simulate(call, [...sourcePolicies(call), ...inputPolicies(call)]),
  SimulateCustomPolicy: (call) => simulate(call, inputPolicies(call)),
};
