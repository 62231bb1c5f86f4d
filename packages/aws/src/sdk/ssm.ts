import type { SsmPort } from '../port/ssm.ts';
import type { Caller } from './call.ts';
import { chunksOf, readAllPages } from './pages.ts';
import { nullIfMissing, serviceCalls } from './service-calls.ts';
import { LONGEST_COMMENT, toInvocation, toManagedInstance, toSendCommand } from './ssm-shapes.ts';
import type { Wiring } from './wiring.ts';

/** SSM API Reference: rows of a page. */
const PAGE_SIZE = 50;

export function ssmPort({ edge, clients }: Wiring, caller: Caller): SsmPort {
  const { read, repeatable, once } = serviceCalls({ edge, caller, service: 'ssm', connect: clients.ssm });
  return {
    region: caller.region,
    describeManagedInstances: async (instanceIds) => {
      const parts = chunksOf([...new Set(instanceIds)], PAGE_SIZE).map((Values) =>
        readAllPages(
          (NextToken) =>
            read('DescribeInstanceInformation', (ssm, sdk) => {
              const Filters = [{ Key: 'InstanceIds', Values }];
              return ssm.send(
                new sdk.DescribeInstanceInformationCommand({ Filters, MaxResults: PAGE_SIZE, NextToken }),
              );
            }),
          (page) => (page.InstanceInformationList ?? []).map(toManagedInstance),
        ),
      );
      return (await Promise.all(parts)).flat();
    },
    sendCommand: async (input) => {
      const command = toSendCommand(input);
      const { Command } = await once('SendCommand', (ssm, sdk) => ssm.send(new sdk.SendCommandCommand(command)));
      return Command?.CommandId ?? '';
    },
    findCommands: async ({ instanceId, comment, sentAfter }) => {
      const InvokedAfter = new Date(sentAfter).toISOString().replace(/\.\d+Z$/, 'Z');
      const asked = {
        InstanceId: instanceId,
        Filters: [{ key: 'InvokedAfter' as const, value: InvokedAfter }],
        MaxResults: PAGE_SIZE,
      };
      const invocations = await readAllPages(
        (NextToken) =>
          read('ListCommandInvocations', (ssm, sdk) =>
            ssm.send(new sdk.ListCommandInvocationsCommand({ ...asked, NextToken })),
          ),
        (page) => page.CommandInvocations ?? [],
      );
      return invocations
        .filter(({ Comment }) => Comment === comment.slice(0, LONGEST_COMMENT))
        .toSorted((one, other) => (other.RequestedDateTime?.getTime() ?? 0) - (one.RequestedDateTime?.getTime() ?? 0))
        .flatMap(({ CommandId }) => CommandId ?? []);
    },
    readInvocation: async (CommandId, InstanceId) => {
      const answer = read('GetCommandInvocation', (ssm, sdk) =>
        ssm.send(new sdk.GetCommandInvocationCommand({ CommandId, InstanceId })),
      );
      return nullIfMissing(answer.then(toInvocation));
    },
    cancelCommand: async (CommandId) => {
      await repeatable('CancelCommand', (ssm, sdk) => ssm.send(new sdk.CancelCommandCommand({ CommandId })));
    },
  };
}
