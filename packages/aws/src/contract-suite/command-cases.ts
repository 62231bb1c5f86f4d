import { randomUUID } from 'node:crypto';
import type { Instant } from '@cpm/core';
import { expect } from 'vitest';
import { refusalOf, until, type Case, type Stage } from './stage.ts';

function command({ backEnd }: Stage) {
  return {
    instanceIds: [backEnd.managedInstanceId],
    document: 'AWS-RunShellScript',
    commands: ['true'],
    timeoutSeconds: 60,
    comment: `cpm suite ${randomUUID()}`,
  };
}

/** Both back ends have clocks of their own; the suite's may be ahead of them. */
const LONG_AGO = 0 as Instant;

export const commandCases: readonly Case[] = [
  {
    title: 'an instance whose agent speaks to Systems Manager is managed, and an unknown one is absent',
    run: async ({ ssm, backEnd }) => {
      const found = await ssm.describeManagedInstances([backEnd.managedInstanceId, 'i-0fedcba9876543210']);
      expect(found).toMatchObject([{ instanceId: backEnd.managedInstanceId, ping: 'Online', platform: 'linux' }]);
    },
  },
  {
    title: 'a command runs on its instance to its end, and tells its exit code',
    run: async (stage) => {
      const input = command(stage);
      const commandId = await stage.ssm.sendCommand(input);
      const ended = await until(stage.backEnd, 'the command has ended', async () => {
        const invocation = await stage.ssm.readInvocation(commandId, stage.backEnd.managedInstanceId);
        return invocation?.status === 'Success' ? invocation : null;
      });
      expect(ended).toMatchObject({ exitCode: 0, errorOutput: '' });
    },
  },
  {
    title: 'a command is found by its comment, and only that one',
    run: async (stage) => {
      const [input, other] = [command(stage), command(stage)];
      const commandId = await stage.ssm.sendCommand(input);
      await stage.ssm.sendCommand(other);
      const wanted = { instanceId: stage.backEnd.managedInstanceId, comment: input.comment, sentAfter: LONG_AGO };
      const found = await until(stage.backEnd, 'it is found', async () => {
        const ids = await stage.ssm.findCommands(wanted);
        return ids.length > 0 ? ids : null;
      });
      expect(found).toEqual([commandId]);
    },
  },
  {
    title: 'a command that AWS does not know has no invocation',
    run: async ({ ssm, backEnd }) => {
      expect(await ssm.readInvocation(randomUUID(), backEnd.managedInstanceId)).toBeNull();
    },
  },
  {
    title: 'a command to an instance that is not managed is refused',
    run: async (stage) => {
      const input = { ...command(stage), instanceIds: ['i-0fedcba9876543210'] };
      const refusal = await refusalOf(stage.ssm.sendCommand(input));
      expect(refusal).toMatchObject({ class: 'conflict', outcomeUnknown: false, aws: { code: 'InvalidInstanceId' } });
    },
  },
  {
    title: 'a command can be cancelled, also after its end',
    run: async (stage) => {
      const commandId = await stage.ssm.sendCommand(command(stage));
      await stage.ssm.cancelCommand(commandId);
      await stage.ssm.cancelCommand(commandId);
    },
  },
];
