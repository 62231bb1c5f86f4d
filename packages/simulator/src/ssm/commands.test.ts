import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { drivers, openStage, rest, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Systems Manager, spoken to by %s', (_, makeDriver) => {
  let stage: Stage;
  const ssm = (action: string, params: object = {}): Promise<Shape> => stage.aws(action, params, { service: 'ssm' });
  const send = (commands: readonly string[], more: object = {}): Promise<Shape> =>
    ssm('SendCommand', {
      InstanceIds: [web],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands },
      ...more,
    });
  const sent = async (commands: readonly string[], more: object = {}): Promise<string> =>
    String((await send(commands, more))['Command']?.['CommandId']);
  const read = (CommandId: string): Promise<Shape> => ssm('GetCommandInvocation', { CommandId, InstanceId: web });
  const statusOf = async (id: string): Promise<string> => String((await read(id))['Status']);
  const plan = (...plans: readonly object[]): Promise<Shape> => stage.control('POST', 'commands', plans);

  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.reset());

  it('lists managed instances with whether they answer', async () => {
    const listed = (await ssm('DescribeInstanceInformation'))['InstanceInformationList'];
    expect(listed).toMatchObject([
      { InstanceId: web, PingStatus: 'Online', PlatformType: 'Linux' },
      { InstanceId: rest, PingStatus: 'ConnectionLost' },
    ]);
    const Filters = [{ Key: 'InstanceIds', Values: [web] }];
    expect((await ssm('DescribeInstanceInformation', { Filters }))['InstanceInformationList']).toHaveLength(1);
  });

  it('runs a script to its success where nothing else is planned', async () => {
    const id = await sent(['sync'], { Comment: 'before the backup' });
    expect(await codeOf(read(id))).toBe('InvocationDoesNotExist');
    stage.advance(0.3);
    expect(await statusOf(id)).toBe('Pending');
    stage.advance(0.5);
    expect(await read(id)).toMatchObject({ Status: 'InProgress', ResponseCode: -1, StandardOutputContent: '' });
    stage.advance(2);
    expect(await read(id)).toMatchObject({
      Status: 'Success',
      ResponseCode: 0,
      Comment: 'before the backup',
      PluginName: 'aws:runShellScript',
      ExecutionElapsedTime: 'PT1S',
    });
    const listed = await ssm('ListCommandInvocations', { CommandId: id, Details: true });
    expect(listed['CommandInvocations']).toMatchObject([{ InstanceId: web, CommandPlugins: [{ ResponseCode: 0 }] }]);
    const kept = await stage.control('GET', `inventory?type=ssm-command&id=${id}`);
    expect(kept['resources']).toMatchObject([{ state: 'Success', invocations: [{ instanceId: web, exitCode: 0 }] }]);
  });

  it('ends a script as planned, with output cut as AWS cuts it', async () => {
    const made = { match: { instance: web, command: '*freeze*' }, exitCode: 3, stderr: 'no', durationMs: 5_000 };
    await plan({ ...made, stdout: 'x'.repeat(30_000) });
    const id = await sent(['#!/bin/sh', 'freeze all']);
    stage.advance(4);
    expect(await statusOf(id)).toBe('InProgress');
    stage.advance(4);
    const ended = await read(id);
    expect(ended).toMatchObject({ Status: 'Failed', ResponseCode: 3, StandardErrorContent: 'no' });
    expect(String(ended['StandardOutputContent'])).toHaveLength(24_000);
    const other = await sent(['thaw']);
    stage.advance(4);
    expect(await statusOf(other)).toBe('Success');
  });

  it('cuts a hanging script off at its execution timeout', async () => {
    await plan({ match: { command: 'sleep*' }, hangs: true });
    const id = await sent(['sleep 9999'], { Parameters: { commands: ['sleep 9999'], executionTimeout: ['60'] } });
    stage.advance(59);
    expect(await statusOf(id)).toBe('InProgress');
    stage.advance(3);
    expect(await read(id)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
  });

  it('gives a command up that is never delivered', async () => {
    await plan({ neverDelivered: true, nth: 1 }, { match: { command: 'late' }, deliverAfterMs: 10_000 });
    const [lost, late] = [await sent(['lost'], { TimeoutSeconds: 30 }), await sent(['late'])];
    stage.advance(5);
    expect([await statusOf(lost), await statusOf(late)]).toEqual(['Delayed', 'Delayed']);
    stage.advance(26);
    expect(await read(lost)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' });
    expect(await statusOf(late)).toBe('Success');
  });

  it('cancels a command that runs', async () => {
    await plan({ hangs: true });
    const id = await sent(['sleep 9999']);
    stage.advance(5);
    await ssm('CancelCommand', { CommandId: id });
    expect(await statusOf(id)).toBe('Cancelling');
    stage.advance(2);
    expect(await statusOf(id)).toBe('Cancelled');
  });

  it.each([
    ['an unknown document', { DocumentName: 'Nothing' }, 'InvalidDocument'],
    ['an instance that is stopped', { InstanceIds: [rest] }, 'InvalidInstanceId'],
    ['an instance that nobody manages', { InstanceIds: ['i-0a000000000000fff'] }, 'InvalidInstanceId'],
    ['an id of the wrong form', { InstanceIds: ['web'] }, 'ValidationException'],
    ['the same instance twice', { InstanceIds: [web, web] }, 'DuplicateInstanceId'],
    [
      'more than fifty instances',
      { InstanceIds: Array.from({ length: 51 }, (_none, at) => `i-${String(at).padStart(17, '0')}`) },
      'ValidationException',
    ],
    ['no commands', { Parameters: {} }, 'InvalidParameters'],
    [
      'a parameter the document does not have',
      { Parameters: { commands: ['x'], color: ['red'] } },
      'InvalidParameters',
    ],
    ['a delivery time under 30 seconds', { TimeoutSeconds: 5 }, 'ValidationException'],
  ])('refuses %s', async (_what, more, code) => {
    expect(await codeOf(send(['true'], more))).toBe(code);
  });

  it('knows no invocation of a command that was never sent', async () => {
    expect(await codeOf(read('00000000-0000-4000-a000-000000000000'))).toBe('InvocationDoesNotExist');
  });

  it('refuses plans that make no sense', async () => {
    expect(String((await plan({ hang: true }))['error'])).toContain('has no hang');
    expect((await stage.control('DELETE', 'commands'))['removed']).toBe(0);
  });

  it('meets faults: lost answers, denials and throttling', async () => {
    await stage.control('POST', 'faults', [
      { kind: 'execute-then-drop', match: { service: 'ssm', action: 'SendCommand' }, nth: 1 },
      { kind: 'deny', match: { service: 'ssm', action: 'CancelCommand' } },
      { kind: 'throttle', match: { service: 'ssm', action: 'DescribeInstanceInformation' } },
    ]);
    expect(await codeOf(send(['true'])).catch(() => 'no answer')).not.toBe('accepted');
    stage.advance(10);
    expect((await ssm('ListCommandInvocations'))['CommandInvocations']).toHaveLength(1);
    const CommandId = '00000000-0000-4000-a000-000000000000';
    expect(await codeOf(ssm('CancelCommand', { CommandId }))).toBe('AccessDeniedException');
    expect(await codeOf(ssm('DescribeInstanceInformation'))).toBe('ThrottlingException');
  });
});
