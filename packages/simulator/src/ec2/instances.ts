import { instanceState } from '../state/lifecycle.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { describeInstances, describeInstanceStatus } from './describe-instances.ts';
import { instanceAttributeOperations } from './instance-attributes.ts';
import { rebootInstances, startInstances, stopInstances, terminateInstances } from './instance-states.ts';
import { checkForm, find, findById, kinds } from './kinds.ts';
import { profileFor } from './launch-rules.ts';
import type { Operations } from './operation.ts';
import { runInstances, showLaunchAgain } from './run-instances.ts';

const consoleOutput = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  const text =
    instanceState(instance, call.now) === 'pending'
      ? undefined
      : `[    0.000000] ${instance.platformDetails} ${instance.architecture}\nlogin: `;
  return {
    instanceId: instance.id,
    timestamp: new Date(instance.launchedAt),
    output: text === undefined ? undefined : Buffer.from(text).toString('base64'),
  };
};

const uefiData = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  if (instance.bootMode === undefined || instance.bootMode === 'legacy-bios') {
    throw awsError('UnsupportedOperation', `The instance '${instance.id}' does not boot by UEFI.`);
  }
  return { instanceId: instance.id, uefiData: instance.uefiData ?? '' };
};

const monitor =
  (on: boolean) =>
  (call: Call): Reply => ({
    instancesSet: call.params.texts('InstanceId').map((id) => {
      checkForm(kinds.instance, id, 'InstanceId');
      find(call, kinds.instance, id).monitoring = on;
      return { instanceId: id, monitoring: { state: on ? 'pending' : 'disabling' } };
    }),
  });

const byIds = { required: ['InstanceId'], targets: ['InstanceId'] };

/** Instances: launched, listed, stopped, started, ended. */
export const instanceOperations: Operations = {
  ...instanceAttributeOperations,
  RunInstances: {
    required: ['ImageId', 'MinCount', 'MaxCount'],
    targets: ['ImageId', 'SubnetId', 'SecurityGroupId'],
    makes: ['instance', 'volume', 'network-interface'],
    demands: (call) => void profileFor(call),
    run: runInstances,
    repeat: showLaunchAgain,
  },
  DescribeInstances: { run: describeInstances },
  DescribeInstanceStatus: { run: describeInstanceStatus },
  StopInstances: { ...byIds, run: stopInstances },
  StartInstances: { ...byIds, run: startInstances },
  TerminateInstances: { ...byIds, run: terminateInstances },
  RebootInstances: { ...byIds, run: rebootInstances },
  GetInstanceUefiData: { ...byIds, run: uefiData },
  GetConsoleOutput: { ...byIds, run: consoleOutput },
  MonitorInstances: { ...byIds, run: monitor(true) },
  UnmonitorInstances: { ...byIds, run: monitor(false) },
};
