import { instanceState } from '../state/lifecycle.ts';
import type { Instance, InstanceState } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { checkForm, find, kinds } from './kinds.ts';
import { releaseAll } from './make-instance.ts';
import { newPublicIp } from './make-network.ts';
import { interfacesOf, showState } from './show-instance.ts';
import { drawInstances } from './throttle.ts';

type Change = { readonly instance: Instance; readonly before: InstanceState };

const targets = (call: Call): Change[] =>
  [...new Set(call.params.texts('InstanceId'))].map((id) => {
    checkForm(kinds.instance, id, 'InstanceId');
    const instance = find(call, kinds.instance, id);
    return { instance, before: instanceState(instance, call.now) };
  });

const wrongState = (instance: Instance, action: string): Error =>
  awsError('IncorrectInstanceState', `The instance '${instance.id}' is not in a state from which it can be ${action}.`);

const pass = (
  call: Call,
  instance: Instance,
  input: { readonly via: InstanceState; readonly to: InstanceState; readonly ms: number },
): void => {
  instance.states.push({ at: call.now, state: input.via }, { at: call.now + input.ms, state: input.to });
};

const reply = (call: Call, changes: readonly Change[]): Reply => ({
  instancesSet: changes.map(({ instance, before }) => ({
    instanceId: instance.id,
    currentState: showState(instanceState(instance, call.now)),
    previousState: showState(before),
  })),
});

/** StopInstances. Stopping a stopped instance changes nothing. */
export const stopInstances = (call: Call): Reply => {
  const changes = targets(call);
  const hibernate = call.params.flag('Hibernate') === true;
  for (const { instance, before } of changes) {
    if (before === 'terminated' || before === 'shutting-down' || before === 'pending')
      throw wrongState(instance, 'stopped');
    if (instance.protectedFromStop)
      throw awsError(
        'OperationNotPermitted',
        `The instance '${instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
      );
    if (instance.rootDeviceType === 'instance-store')
      throw awsError(
        'UnsupportedOperation',
        `The instance '${instance.id}' does not have an 'ebs' root device type and cannot be stopped.`,
      );
    if (hibernate && !instance.hibernationConfigured)
      throw awsError(
        'UnsupportedHibernationConfiguration',
        `The instance '${instance.id}' is not configured for hibernation.`,
      );
  }
  drawInstances(call, changes.length);
  const code = hibernate ? 'Client.UserInitiatedHibernate' : 'Client.UserInitiatedShutdown';
  for (const { instance, before } of changes) {
    if (before !== 'running') continue;
    pass(call, instance, { via: 'stopping', to: 'stopped', ms: call.world.settings.timing.instanceStopMs });
    instance.stateReason = { code, message: `${code}: User initiated shutdown` };
  }
  return reply(call, changes);
};

const start = (call: Call, instance: Instance): void => {
  pass(call, instance, { via: 'pending', to: 'running', ms: call.world.settings.timing.instanceStartMs });
  instance.stateReason = undefined;
  instance.launchedAt = call.now;
  for (const one of interfacesOf(call, instance)) if (one.autoPublicIp) one.publicIp = newPublicIp(call);
};

/** StartInstances. Starting a running instance changes nothing. */
export const startInstances = (call: Call): Reply => {
  const changes = targets(call);
  for (const { instance, before } of changes) {
    if (before === 'terminated' || before === 'shutting-down' || before === 'stopping')
      throw wrongState(instance, 'started');
    const root = instance.attachments.some(
      (one) =>
        one.device === instance.rootDeviceName &&
        one.detachingAt === undefined &&
        (one.detachedAt ?? Infinity) > call.now,
    );
    if (before === 'stopped' && !root)
      throw awsError(
        'IncorrectInstanceState',
        `Invalid value '${instance.id}' for instanceId. Instance does not have a volume attached at root (${instance.rootDeviceName ?? ''})`,
      );
  }
  drawInstances(call, changes.length);
  for (const { instance, before } of changes) if (before === 'stopped') start(call, instance);
  return reply(call, changes);
};

/** TerminateInstances: a protected instance refuses the request and keeps the others of its zone alive; those of other zones end. */
export const terminateInstances = (call: Call): Reply => {
  const all = targets(call);
  const spared = all.filter(({ instance }) => instance.protectedFromTermination).map(({ instance }) => instance);
  const changes = all.filter(({ instance }) => !spared.some((one) => one.zone === instance.zone));
  drawInstances(call, changes.length);
  const ms = call.world.settings.timing.instanceTerminateMs;
  for (const { instance, before } of changes) {
    if (before === 'terminated' || before === 'shutting-down') continue;
    dropFuture(instance, call.now);
    pass(call, instance, { via: 'shutting-down', to: 'terminated', ms });
    instance.stateReason = {
      code: 'Client.UserInitiatedShutdown',
      message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    };
    releaseAll(call, instance, call.now + ms);
  }
  const [first] = spared;
  if (first !== undefined) {
    throw awsError(
      'OperationNotPermitted',
      `The instance '${first.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
  return reply(call, changes);
};

// A pending or stopping instance that is terminated never reaches the state it was on its way to.
const dropFuture = (instance: Instance, now: number): void => {
  const kept = instance.states.filter((entry) => entry.at <= now);
  instance.states.splice(0, instance.states.length, ...kept);
};

/** RebootInstances. */
export const rebootInstances = (call: Call): Reply => {
  for (const { instance, before } of targets(call)) {
    if (before !== 'running') throw wrongState(instance, 'rebooted');
  }
  return { return: true };
};
