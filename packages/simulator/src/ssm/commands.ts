import type { Invocation, SsmCommand } from '../state/command-records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { standingAt } from './invocation.ts';
import { nextPage } from './paging.ts';
import { sendCommand, validation } from './send.ts';

type Found = { readonly command: SsmCommand; readonly invocation: Invocation };

const longestOutput = 24_000;
const longestError = 8_000;
const longestDetail = 2_500;

const commandId = (call: Call): string => {
  const id = call.params.text('CommandId') ?? '';
  if (!/^[0-9a-f-]{36}$/i.test(id))
    throw validation(`Value '${id}' at 'commandId' failed to satisfy constraint: Member must have length 36`);
  return id;
};

const ownCommand = (call: Call, id: string): SsmCommand | undefined => {
  const command = call.region.commands.get(id);
  return command?.ownerId === call.accountId ? command : undefined;
};

const findInvocation = (call: Call): Found => {
  const command = ownCommand(call, commandId(call));
  const instanceId = call.params.text('InstanceId') ?? '';
  const invocation = command?.invocations.find((one) => one.instanceId === instanceId);
  if (command === undefined || invocation === undefined || invocation.visibleAt > call.now)
    throw awsError('InvocationDoesNotExist', 'Invocation Does Not Exist');
  return { command, invocation };
};

const getInvocation = (call: Call): Reply => {
  const { command, invocation } = findInvocation(call);
  const { status, details, exitCode, startedAt, endedAt } = standingAt(invocation, call.now);
  const isOver = startedAt !== undefined && endedAt !== undefined;
  const iso = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.document,
    DocumentVersion: '$DEFAULT',
    PluginName: command.plugin,
    ResponseCode: exitCode,
    ExecutionStartDateTime: iso(startedAt),
    ExecutionElapsedTime: isOver ? `PT${(endedAt - startedAt) / 1000}S` : '',
    ExecutionEndDateTime: isOver ? iso(endedAt) : '',
    Status: status,
    StatusDetails: details,
    StandardOutputContent: isOver ? invocation.stdout.slice(0, longestOutput) : '',
    StandardOutputUrl: '',
    StandardErrorContent: isOver ? invocation.stderr.slice(0, longestError) : '',
    StandardErrorUrl: '',
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
};

const showPlugin = (call: Call, { command, invocation }: Found): Reply => {
  const { status, details, exitCode, startedAt, endedAt } = standingAt(invocation, call.now);
  const moment = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));
  const output = `${invocation.stdout}${invocation.stderr === '' ? '' : `\n----------ERROR-------\n${invocation.stderr}`}`;
  return {
    Name: command.plugin,
    Status: status === 'Delayed' ? 'Pending' : status === 'Cancelling' ? 'InProgress' : status,
    StatusDetails: details,
    ResponseCode: exitCode,
    ResponseStartDateTime: moment(startedAt),
    ResponseFinishDateTime: moment(endedAt),
    Output: endedAt === undefined ? '' : output.slice(0, longestDetail),
  };
};

const showInvocation = (call: Call, found: Found): Reply => {
  const { command, invocation } = found;
  const { status, details } = standingAt(invocation, call.now);
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    InstanceName: '',
    Comment: command.comment,
    DocumentName: command.document,
    DocumentVersion: '$DEFAULT',
    RequestedDateTime: new Date(command.createdAt),
    Status: status,
    StatusDetails: details,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: call.params.flag('Details') === true ? [showPlugin(call, found)] : [],
  };
};

const meets = (call: Call, { command, invocation }: Found): boolean =>
  call.params.structs('Filters').every((filter) => {
    const value = filter.text('value') ?? '';
    switch (filter.text('key')) {
      case 'InvokedAfter':
        return command.createdAt > Date.parse(value);
      case 'InvokedBefore':
        return command.createdAt < Date.parse(value);
      case 'Status':
        return standingAt(invocation, call.now).status === value;
      case 'DocumentName':
        return command.document === value;
      case 'ExecutionStage':
        return (standingAt(invocation, call.now).endedAt === undefined ? 'Executing' : 'Complete') === value;
      default:
        throw awsError('InvalidFilterKey', 'The specified key is not valid.');
    }
  });

const listInvocations = (call: Call): Reply => {
  const id = call.params.has('CommandId') ? commandId(call) : undefined;
  const instanceId = call.params.text('InstanceId');
  const found = [...call.region.commands.values()]
    .filter((command) => command.ownerId === call.accountId && (id === undefined || command.id === id))
    .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
    .filter(({ invocation }) => invocation.visibleAt <= call.now)
    .filter((one) => (instanceId === undefined || one.invocation.instanceId === instanceId) && meets(call, one));
  const { shown, nextToken } = nextPage(call, found, { least: 1, most: 50 });
  return { CommandInvocations: shown.map((one) => showInvocation(call, one)), NextToken: nextToken };
};

const cancel = (call: Call): Reply => {
  const command = ownCommand(call, commandId(call));
  if (command === undefined) throw awsError('InvalidCommandId', 'The specified command ID is not valid.');
  const ids = call.params.texts('InstanceIds');
  const strange = ids.filter((id) => !command.instanceIds.includes(id));
  if (strange.length > 0) throw awsError('InvalidInstanceId', `Not part of the command: ${strange.join(', ')}`);
  for (const invocation of command.invocations) {
    if (ids.length > 0 && !ids.includes(invocation.instanceId)) continue;
    if (standingAt(invocation, call.now).endedAt !== undefined || invocation.cancelAt !== undefined) continue;
    invocation.cancelAt = call.now;
    invocation.cancelledAt = call.now + call.world.settings.timing.commandCancelMs;
  }
  return {};
};

/** What each Run Command action does. */
export const commandOperations: Readonly<Record<string, (call: Call) => Reply>> = {
  SendCommand: sendCommand,
  GetCommandInvocation: getInvocation,
  ListCommandInvocations: listInvocations,
  CancelCommand: cancel,
};
