import { describe, expect, test } from 'vitest';
import type { Instant } from '@cpm/core';
import { jsonError } from '../testing/scripted-aws.ts';
import { withScript } from '../testing/scripted-gateway.ts';

const COMMAND = {
  instanceIds: ['i-1'],
  document: 'AWS-RunShellScript',
  commands: ['set -e', 'fsfreeze -f /data'],
  timeoutSeconds: 45,
  comment: 'cpm before 0a1b',
};

describe('a command', () => {
  test('is sent with its lines, how long it may run, and a short time to start in', async () => {
    const { aws, ssm } = await withScript(() => ({ json: { Command: { CommandId: 'c-1' } } }));
    expect(await ssm.sendCommand(COMMAND)).toBe('c-1');
    expect(JSON.parse(aws.asked[0]?.body ?? '')).toEqual({
      InstanceIds: ['i-1'],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: COMMAND.commands, executionTimeout: ['45'] },
      TimeoutSeconds: 30,
      Comment: 'cpm before 0a1b',
    });
  });

  for (const [words, reply] of [
    ['is lost', 'hang up'],
    ['is a fault of AWS', jsonError('InternalServerError', 500)],
    ['is a page of something in between', { html: '<h1>Bad Gateway</h1>', status: 502 }],
    ['is an empty page with status 200', { html: '', status: 200 }],
    ['is a sign-in page with status 200', { html: '<h1>Sign in</h1>', status: 200 }],
  ] as const) {
    test(`is never sent again when the answer ${words}, and may have run`, async () => {
      const { aws, ssm } = await withScript(() => reply);
      await expect(ssm.sendCommand(COMMAND)).rejects.toMatchObject({ code: 'aws_answer_lost', outcomeUnknown: true });
      expect(aws.asked).toHaveLength(1);
    });
  }

  test('that AWS refuses for its rate is sent again, because it did not run', async () => {
    const { aws, ssm } = await withScript((_, count) =>
      count === 1 ? jsonError('ThrottlingException') : { json: { Command: { CommandId: 'c-1' } } },
    );
    expect(await ssm.sendCommand(COMMAND)).toBe('c-1');
    expect(aws.asked).toHaveLength(2);
  });

  test('to an instance without an agent that answers is a conflict', async () => {
    const { aws, ssm } = await withScript(() => jsonError('InvalidInstanceId'));
    await expect(ssm.sendCommand(COMMAND)).rejects.toMatchObject({
      class: 'conflict',
      outcomeUnknown: false,
      aws: { code: 'InvalidInstanceId', action: 'ssm:SendCommand' },
    });
    expect(aws.asked).toHaveLength(1);
  });

  for (const count of [0, 51]) {
    test(`to ${count} instances is refused before it is sent`, async () => {
      const { aws, ssm } = await withScript(() => 'hang up');
      const instanceIds = Array.from({ length: count }, (_, index) => `i-${index}`);
      const refusal = { code: 'invalid_request', outcomeUnknown: false };
      await expect(ssm.sendCommand({ ...COMMAND, instanceIds })).rejects.toMatchObject(refusal);
      expect(aws.asked).toEqual([]);
    });
  }

  test('whose answer was lost is found by its comment', async () => {
    const sent = (CommandId: string, Comment: string, RequestedDateTime: number) => ({
      CommandId,
      Comment,
      RequestedDateTime,
    });
    const CommandInvocations = [
      sent('c-1', COMMAND.comment, 1),
      sent('c-2', 'foreign', 2),
      sent('c-3', COMMAND.comment, 3),
    ];
    const { aws, ssm } = await withScript(() => ({ json: { CommandInvocations } }));
    const sentAfter = Date.UTC(2026, 0, 2, 3, 4, 5, 678) as Instant;
    const wanted = { instanceId: 'i-1', comment: COMMAND.comment, sentAfter };
    expect(await ssm.findCommands(wanted)).toEqual(['c-3', 'c-1']);
    expect(JSON.parse(aws.asked[0]?.body ?? '')).toMatchObject({
      InstanceId: 'i-1',
      Filters: [{ key: 'InvokedAfter', value: '2026-01-02T03:04:05Z' }],
    });
  });
});

describe('what became of a command', () => {
  test('is not known yet for a while', async () => {
    const { ssm } = await withScript(() => jsonError('InvocationDoesNotExist'));
    expect(await ssm.readInvocation('c-1', 'i-1')).toBeNull();
  });

  test('has no exit code before it has ended', async () => {
    const { ssm } = await withScript(() => ({ json: { Status: 'InProgress', ResponseCode: -1 } }));
    expect(await ssm.readInvocation('c-1', 'i-1')).toMatchObject({ status: 'InProgress', exitCode: null });
  });

  test('is told with exit code, both outputs and its times', async () => {
    const { ssm } = await withScript(() => ({
      json: {
        Status: 'Failed',
        StatusDetails: 'Failed',
        ResponseCode: 3,
        StandardOutputContent: 'out',
        StandardErrorContent: 'err',
        ExecutionStartDateTime: '2026-01-02T03:04:05.678Z',
        ExecutionEndDateTime: '',
      },
    }));
    expect(await ssm.readInvocation('c-1', 'i-1')).toEqual({
      status: 'Failed',
      statusDetails: 'Failed',
      exitCode: 3,
      output: 'out',
      errorOutput: 'err',
      startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      endedAt: null,
    });
  });
});

test('managed instances are asked for fifty a call, and none ask nothing', async () => {
  const { aws, ssm } = await withScript(() => ({
    json: { InstanceInformationList: [{ InstanceId: 'i-1', PingStatus: 'Online', PlatformType: 'Linux' }] },
  }));
  expect(await ssm.describeManagedInstances([])).toEqual([]);
  const ids = Array.from({ length: 120 }, (_, index) => `i-${index}`);
  const found = await ssm.describeManagedInstances([...ids, ...ids]);
  expect(found[0]).toMatchObject({ instanceId: 'i-1', ping: 'Online', platform: 'linux' });
  expect(aws.asked).toHaveLength(3);
});
