import { find, kinds, look } from '../ec2/kinds.ts';
import { instanceState } from '../state/lifecycle.ts';
import type { Agent, Invocation, SsmCommand } from '../state/command-records.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { overall, standingAt } from './invocation.ts';
import { planFor, type CommandPlan } from './plans.ts';

const documents: Readonly<
  Record<string, { readonly plugin: string; readonly platform: Agent['platform'] | undefined }>
> = {
  'AWS-RunShellScript': { plugin: 'aws:runShellScript', platform: 'Linux' },
  // PowerShell runs on Linux as well.
  'AWS-RunPowerShellScript': { plugin: 'aws:runPowerShellScript', platform: undefined },
};

export const validation = (message: string): Error =>
  awsError('ValidationException', `1 validation error detected: ${message}`);

/** Whether the instance runs and its agent answers. */
export const isOnline = (call: Call, agent: Agent): boolean => {
  const instance = look(call, kinds.instance, agent.instanceId);
  return agent.online && instance !== undefined && instanceState(instance, call.now) === 'running';
};

const invalidInstances = (call: Call, ids: readonly string[]): Error =>
  awsError('InvalidInstanceId', `Instances [[${ids.join(', ')}]] not in a valid state for account ${call.accountId}`);

const targetIds = (call: Call): readonly string[] =>
  call.params.structs('Targets').flatMap((target) => {
    const key = target.text('Key') ?? '';
    const values = target.texts('Values');
    if (key.toLowerCase() === 'instanceids') return values;
    if (!key.startsWith('tag:')) throw awsError('InvalidTarget', `The target key ${key} is not valid.`);
    return [...call.region.agents.values()]
      .filter((agent) => agent.ownerId === call.accountId && isOnline(call, agent))
      .filter((agent) => {
        const value = call.region.instances.get(agent.instanceId)?.tags.get(key.slice('tag:'.length));
        return value !== undefined && values.includes(value);
      })
      .map((agent) => agent.instanceId);
  });

const agentsOf = (call: Call): readonly Agent[] => {
  const named = call.params.texts('InstanceIds');
  if (named.length > 50)
    throw validation(
      "Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
    );
  for (const id of named) {
    if (!/^(?:i-(?:\w{8}|\w{17})|mi-\w{17})$/.test(id))
      throw validation(`Value '[${id}]' at 'instanceIds' failed to satisfy constraint: Member must satisfy a pattern`);
  }
  if (new Set(named).size < named.length) throw awsError('DuplicateInstanceId', 'An instance id is given twice.');
  if (named.length === 0 && !call.params.has('Targets')) throw validation('InstanceIds or Targets must be given');
  const ids = [...named, ...targetIds(call)];
  const agents = ids.flatMap((id) => {
    const agent = call.region.agents.get(id);
    return agent !== undefined && agent.ownerId === call.accountId && isOnline(call, agent) ? [agent] : [];
  });
  const unreachable = ids.filter((id) => !agents.some((agent) => agent.instanceId === id));
  if (unreachable.length > 0) throw invalidInstances(call, unreachable);
  return agents;
};

const within = (
  value: number,
  wish: { readonly name: string; readonly least: number; readonly most: number },
): number => {
  if (Number.isInteger(value) && value >= wish.least && value <= wish.most) return value;
  throw validation(`Value '${value}' at '${wish.name}' must be between ${wish.least} and ${wish.most}`);
};

const parameterNames = ['commands', 'workingDirectory', 'executionTimeout'];

const parametersOf = (call: Call): readonly (readonly [string, readonly string[]])[] => {
  const names = new Set(
    call.params
      .all()
      .filter(([path]) => path.startsWith('Parameters.'))
      .map(([path]) => path.split('.')[1] ?? ''),
  );
  for (const name of names) {
    if (!parameterNames.includes(name))
      throw awsError('InvalidParameters', `Document does not have the parameter ${name}.`);
  }
  const given = [...names].map((name) => [name, call.params.texts(`Parameters.${name}`)] as const);
  if (!given.some(([name, values]) => name === 'commands' && values.length > 0))
    throw awsError('InvalidParameters', 'Document requires the parameter commands.');
  return given;
};

const invocationOn = (
  call: Call,
  plan: CommandPlan | undefined,
  wish: { readonly instanceId: string; readonly timeoutSeconds: number; readonly executionSeconds: number },
): Invocation => {
  const { commandVisibleMs, commandDeliveryMs, commandRunMs } = call.world.settings.timing;
  const dueAt = call.now + commandDeliveryMs;
  const startsAt = plan?.neverDelivered === true ? Infinity : call.now + (plan?.deliverAfterMs ?? commandDeliveryMs);
  const endsAt = plan?.hangs === true ? Infinity : startsAt + (plan?.durationMs ?? commandRunMs);
  return {
    instanceId: wish.instanceId,
    sentAt: call.now,
    visibleAt: call.now + commandVisibleMs,
    dueAt,
    startsAt,
    endsAt,
    expiresAt: call.now + wish.timeoutSeconds * 1000,
    cutOffAt: startsAt + wish.executionSeconds * 1000,
    exitCode: plan?.exitCode ?? 0,
    stdout: plan?.stdout ?? '',
    stderr: plan?.stderr ?? '',
    cancelAt: undefined,
    cancelledAt: undefined,
  };
};

/** A command as SendCommand shows it. */
export const showCommand = (call: Call, command: SsmCommand): Reply => {
  const standings = command.invocations.map((one) => standingAt(one, call.now));
  const count = (...statuses: readonly string[]): number =>
    standings.filter(({ status }) => statuses.includes(status)).length;
  const status = overall(command.invocations, call.now);
  return {
    CommandId: command.id,
    DocumentName: command.document,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter: new Date(command.createdAt + command.timeoutSeconds * 1000),
    Parameters: Object.fromEntries(command.parameters),
    InstanceIds: command.instanceIds,
    Targets: [],
    RequestedDateTime: new Date(command.createdAt),
    Status: status,
    StatusDetails: status,
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: standings.length,
    CompletedCount: standings.filter(({ endedAt }) => endedAt !== undefined).length,
    ErrorCount: count('Failed', 'TimedOut'),
    DeliveryTimedOutCount: standings.filter(({ details }) => details === 'DeliveryTimedOut').length,
    TimeoutSeconds: command.timeoutSeconds,
  };
};

/** Sends a script to instances; nothing runs, its end is what a plan says or success after a moment. */
export const sendCommand = (call: Call): Reply => {
  const { params } = call;
  const named = params.text('DocumentName') ?? '';
  const document = Object.hasOwn(documents, named) ? documents[named] : undefined;
  if (document === undefined) throw awsError('InvalidDocument', `Document with name ${named} does not exist.`);
  const agents = agentsOf(call);
  if (document.platform !== undefined && agents.some((agent) => agent.platform !== document.platform))
    throw awsError('UnsupportedPlatformType', `The document ${named} does not support the platform of an instance.`);
  const parameters = parametersOf(call);
  const given = new Map(parameters);
  const timeoutSeconds = within(params.integer('TimeoutSeconds') ?? 3600, {
    name: 'timeoutSeconds',
    least: 30,
    most: 2_592_000,
  });
  const executionSeconds = within(Number(given.get('executionTimeout')?.[0] ?? 3600), {
    name: 'executionTimeout',
    least: 1,
    most: 172_800,
  });
  const comment = params.text('Comment') ?? '';
  if (comment.length > 100) throw validation("Value at 'comment' must have length less than or equal to 100");
  const facts = {
    account: call.accountId,
    region: call.region.name,
    document: named,
    command: (given.get('commands') ?? []).join('\n'),
  };
  const invocations = agents.map(({ instanceId }) => {
    const instance = find(call, kinds.instance, instanceId);
    const plan = planFor(call.world.commandPlans, { ...facts, instance: instance.id });
    return invocationOn(call, plan, { instanceId, timeoutSeconds, executionSeconds });
  });
  const command: SsmCommand = {
    ...newThing(call, call.world.ids.uuid()),
    document: named,
    plugin: document.plugin,
    comment,
    parameters,
    timeoutSeconds,
    instanceIds: agents.map((agent) => agent.instanceId),
    invocations,
  };
  call.region.commands.set(command.id, command);
  return { Command: showCommand(call, command) };
};
