import { randomUUID } from 'node:crypto';
import type { Instant } from '@cpm/core';
import { expect } from 'vitest';
import { refusalOf, until, type Case, type Stage } from './stage.ts';

function command({ estate }: Stage) {
  return {
    instanceIds: [estate.instanceId],
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
    run: async ({ ssm, estate }) => {
      const found = await ssm.describeManagedInstances([estate.instanceId, 'i-0fedcba9876543210']);
      expect(found).toMatchObject([{ instanceId: estate.instanceId, ping: 'Online', platform: 'linux' }]);
    },
  },
  {
    title: 'a command runs on its instance to its end, and tells its exit code',
    run: async (stage) => {
      const input = command(stage);
      const commandId = await stage.ssm.sendCommand(input);
      const ended = await until(stage.backEnd, 'the command has ended', async () => {
        const invocation = await stage.ssm.readInvocation(commandId, stage.estate.instanceId);
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
      const wanted = { instanceId: stage.estate.instanceId, comment: input.comment, sentAfter: LONG_AGO };
      expect(await stage.ssm.findCommands(wanted)).toEqual([commandId]);
    },
  },
  {
    title: 'a command that AWS does not know has no invocation',
    run: async ({ ssm, estate }) => {
      expect(await ssm.readInvocation(randomUUID(), estate.instanceId)).toBeNull();
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
