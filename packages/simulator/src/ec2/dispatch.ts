import type { Call, Reply } from '../wire/call.ts';
import { awsError, missingParameter } from '../wire/errors.ts';
import { authorize, targetsOf } from './authorize.ts';
import { checkForm, look, notFound } from './kinds.ts';
import type { Operation, Operations } from './operation.ts';
import { addressOperations } from './addresses.ts';
import { attachmentOperations } from './attachments.ts';
import { cpuCreditOperations } from './cpu-credits.ts';
import { dedicatedHostOperations } from './dedicated-hosts.ts';
import { encryptionOperations } from './encryption-settings.ts';
import { imageOperations } from './images.ts';
import { instanceTypeOperations } from './instance-types.ts';
import { instanceOperations } from './instances.ts';
import { keyPairOperations } from './key-pairs.ts';
import { networkInterfaceOperations } from './network-interfaces.ts';
import { networkOperations } from './networks.ts';
import { placementGroupOperations } from './placement-groups.ts';
import { securityGroupOperations } from './security-groups.ts';
import { tagOperations } from './tags.ts';
import { volumeOperations } from './volumes.ts';
import { regionOperations } from './regions.ts';
import { snapshotOperations } from './snapshots.ts';
import { checkTagSpecifications } from './tag-rules.ts';
import { drawRequest } from './throttle.ts';

const operations: Operations = {
  ...regionOperations,
  ...snapshotOperations,
  ...addressOperations,
  ...attachmentOperations,
  ...cpuCreditOperations,
  ...dedicatedHostOperations,
  ...encryptionOperations,
  ...imageOperations,
  ...instanceTypeOperations,
  ...instanceOperations,
  ...keyPairOperations,
  ...networkInterfaceOperations,
  ...networkOperations,
  ...placementGroupOperations,
  ...securityGroupOperations,
  ...tagOperations,
  ...volumeOperations,
};

/** Whether EC2 has the action; tells the service of an unsigned request. */
export const isEc2Action = (action: string): boolean => Object.hasOwn(operations, action);

const isSent = (call: Call, path: string): boolean => {
  const text = call.params.text(path);
  return text === undefined ? call.params.has(path) : text !== '';
};

const checkRequest = (call: Call, operation: Operation): void => {
  for (const path of operation.required ?? []) if (!isSent(call, path)) throw missingParameter(path);
  const targets = targetsOf(call, operation);
  const { idsPerCall } = call.world.settings.limits;
  if (targets.length > idsPerCall) {
    throw awsError('InvalidParameterValue', `The maximum number of ids in one request is ${idsPerCall}.`);
  }
  for (const { kind, id, path } of targets) checkForm(kind, id, path);
  checkTagSpecifications(call, operation.makes ?? []);
};

const fingerprint = (call: Call): string =>
  JSON.stringify(call.params.all().filter(([name]) => !['ClientToken', 'Action', 'Version', 'DryRun'].includes(name)));

const runOnce = (call: Call, operation: Operation): Reply => {
  const token = call.params.text('ClientToken') ?? '';
  if (operation.repeat === undefined || token === '') return operation.run(call);
  // oxlint-disable-next-line no-control-regex
  if (token.length > 64 || !/^[\u0000-\u007f]*$/.test(token)) {
    throw awsError('InvalidParameterValue', 'Client token must be at most 64 ASCII characters.');
  }
  const key = `${call.accountId}/${call.action}/${token}`;
  const first = call.region.clientTokens.get(key);
  if (first !== undefined && first.fingerprint !== fingerprint(call)) {
    throw awsError(
      'IdempotentParameterMismatch',
      'The request uses the same client token as a previous, but non-identical request.',
    );
  }
  if (first !== undefined) return operation.repeat(call, first.reply as Reply);
  const reply = operation.run(call);
  call.region.clientTokens.set(key, { fingerprint: fingerprint(call), reply });
  return reply;
};

/** Carries out an EC2 action in AWS's order: known, throttled, well-formed, permitted, existing, dry run, done. */
export const runEc2 = (call: Call): Reply => {
  const operation = Object.hasOwn(operations, call.action) ? operations[call.action] : undefined;
  if (call.action === '') throw awsError('MissingAction', 'The request is missing an action or a required parameter.');
  if (operation === undefined)
    throw awsError('InvalidAction', `The action ${call.action} is not valid for this web service.`);
  drawRequest(call);
  checkRequest(call, operation);
  authorize(call, operation);
  for (const { kind, id } of targetsOf(call, operation))
    if (look(call, kind, id) === undefined) throw notFound(kind, id);
  if (call.params.flag('DryRun') === true) {
    throw awsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
  return runOnce(call, operation);
};
