import { demand } from '../iam/demand.ts';
import { drawRequestOf } from '../wire/buckets.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { agentOperations } from './agents.ts';
import { commandOperations } from './commands.ts';

const operations = { ...agentOperations, ...commandOperations };

/** Whether Systems Manager has the action; tells the service of an unsigned request. */
export const isSsmAction = (action: string): boolean => Object.hasOwn(operations, action);

const buckets = { read: { capacity: 100, refillPerSecond: 20 }, change: { capacity: 50, refillPerSecond: 10 } };

const authorize = (call: Call): void => {
  if (call.action !== 'SendCommand') {
    demand(call, { resource: '*' });
    return;
  }
  const document = call.params.text('DocumentName') ?? '';
  demand(call, { resource: `arn:aws:ssm:${call.region.name}::document/${document}` });
  for (const id of call.params.texts('InstanceIds')) {
    const instance = call.region.instances.get(id);
    const tags = instance?.ownerId === call.accountId ? instance.tags : undefined;
    const resource = `arn:aws:ec2:${call.region.name}:${call.accountId}:instance/${id}`;
    demand(call, { resource, tags, tagKeys: ['ssm:resourceTag'] });
  }
};

/** Carries out a Systems Manager action: known, throttled, permitted, done. */
export const runSsm = (call: Call): Reply | undefined => {
  const operation = isSsmAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined) throw awsError('UnknownOperationException', `Unknown operation ${call.action}`);
  drawRequestOf(call, buckets);
  authorize(call);
  return operation(call);
};
