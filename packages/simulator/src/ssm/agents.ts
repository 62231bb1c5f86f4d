import { kinds, look } from '../ec2/kinds.ts';
import type { Agent } from '../state/command-records.ts';
import { instanceState } from '../state/lifecycle.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { nextPage } from './paging.ts';
import { isOnline } from './send.ts';

const pingEveryMs = 300_000;

const show = (call: Call, agent: Agent): Reply => {
  const instance = look(call, kinds.instance, agent.instanceId);
  const address = instance?.interfaceIds[0] && call.region.networkInterfaces.get(instance.interfaceIds[0]);
  const profile = instance?.profileArn?.split('/').at(-1);
  return {
    InstanceId: agent.instanceId,
    PingStatus: isOnline(call, agent) ? 'Online' : 'ConnectionLost',
    LastPingDateTime: new Date(call.now - (call.now % pingEveryMs)),
    AgentVersion: agent.agentVersion,
    IsLatestVersion: true,
    PlatformType: agent.platform,
    PlatformName: agent.platformName,
    PlatformVersion: agent.platformVersion,
    RegistrationDate: undefined,
    IamRole: profile,
    ResourceType: 'EC2Instance',
    IPAddress: address === undefined || address === '' ? undefined : address.privateIps[0],
    ComputerName: `${agent.instanceId}.${call.region.name}.compute.internal`,
    SourceId: agent.instanceId,
    SourceType: 'AWS::EC2::Instance',
  };
};

type Test = (agent: Agent) => boolean;

const filterFor = (call: Call, key: string, values: readonly string[]): Test => {
  const tag = (agent: Agent, name: string): string | undefined =>
    call.region.instances.get(agent.instanceId)?.tags.get(name);
  switch (key) {
    case 'InstanceIds':
      return (agent) => values.includes(agent.instanceId);
    case 'PingStatus':
      return (agent) => values.includes(isOnline(call, agent) ? 'Online' : 'ConnectionLost');
    case 'PlatformTypes':
      return (agent) => values.includes(agent.platform);
    case 'AgentVersion':
      return (agent) => values.includes(agent.agentVersion);
    case 'ResourceType':
      return () => values.includes('EC2Instance');
    default:
      if (!key.startsWith('tag:')) throw awsError('InvalidFilterKey', `The filter key ${key} is not valid.`);
      return (agent) => values.includes(tag(agent, key.slice('tag:'.length)) ?? '');
  }
};

const describe = (call: Call): Reply => {
  const asked = [
    ...call.params.structs('Filters').map((one) => filterFor(call, one.text('Key') ?? '', one.texts('Values'))),
    ...call.params
      .structs('InstanceInformationFilterList')
      .map((one) => filterFor(call, one.text('key') ?? '', one.texts('valueSet'))),
  ];
  const agents = [...call.region.agents.values()].filter((agent) => {
    const instance = look(call, kinds.instance, agent.instanceId);
    const isThere = instance !== undefined && instanceState(instance, call.now) !== 'terminated';
    return agent.ownerId === call.accountId && isThere && asked.every((test) => test(agent));
  });
  const { shown, nextToken } = nextPage(call, agents, { least: 5, most: 50 });
  return { InstanceInformationList: shown.map((agent) => show(call, agent)), NextToken: nextToken };
};

/** The instances that Systems Manager manages. */
export const agentOperations: Readonly<Record<string, (call: Call) => Reply>> = {
  DescribeInstanceInformation: describe,
};
