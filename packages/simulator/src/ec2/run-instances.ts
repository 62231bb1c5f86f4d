import { instanceState } from '../state/lifecycle.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { creditsFor } from './cpu-credits.ts';
import { checkHost } from './dedicated-hosts.ts';
import { keyPairNamed } from './key-pairs.ts';
import { planLaunchDevices } from './launch-devices.ts';
import { planInterfaces } from './launch-network.ts';
import {
  checkBootable,
  checkUserData,
  checkVcpus,
  countsOf,
  defaultMetadataOptions,
  imageFor,
  profileFor,
  readMetadataOptions,
  readTenancy,
  typeFor,
} from './launch-rules.ts';
import { makeInstance, type LaunchPlan } from './make-instance.ts';
import { freeAddressCount } from './make-network.ts';
import { partitionOf, placementGroupFor } from './placement-groups.ts';
import { showReservation } from './show-instance.ts';
import { checkStorage } from './storage-limit.ts';
import { requestedTags } from './tag-rules.ts';
import { drawInstances } from './throttle.ts';
import type { InstanceType } from './type-catalogue.ts';

const keyNameOf = (call: Call): string | undefined => {
  const name = call.params.text('KeyName');
  if (name === undefined || name === '') return undefined;
  if (keyPairNamed(call, name) === undefined)
    throw awsError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
  return name;
};

const shutdownOf = (call: Call): 'stop' | 'terminate' => {
  const behaviour = call.params.text('InstanceInitiatedShutdownBehavior') ?? 'stop';
  if (behaviour !== 'stop' && behaviour !== 'terminate')
    throw invalidValue(behaviour, 'instanceInitiatedShutdownBehavior');
  return behaviour;
};

const cpuOf = (call: Call, type: InstanceType): { cores: number; threadsPerCore: number } => {
  const threadsPerCore = call.params.integer('CpuOptions.ThreadsPerCore') ?? type.threadsPerCore;
  const cores = call.params.integer('CpuOptions.CoreCount') ?? Math.max(1, type.vcpus / type.threadsPerCore);
  if (
    threadsPerCore < 1 ||
    threadsPerCore > type.threadsPerCore ||
    cores < 1 ||
    cores * type.threadsPerCore > Math.max(type.vcpus, type.threadsPerCore)
  ) {
    throw awsError('InvalidParameterValue', `The CPU options are not valid for the instance type '${type.name}'.`);
  }
  return { cores, threadsPerCore };
};

const refuseUnsuited = (call: Call, type: InstanceType): void => {
  const { params } = call;
  if (params.flag('HibernationOptions.Configured') === true && !type.nitro)
    throw awsError(
      'UnsupportedHibernationConfiguration',
      `The instance type ${type.name} does not support hibernation.`,
    );
  if (params.flag('EnclaveOptions.Enabled') === true && (!type.nitro || type.burstable))
    throw invalidCombination(`The instance type '${type.name}' does not support Nitro Enclaves.`);
  if (params.flag('EnclaveOptions.Enabled') === true && params.flag('HibernationOptions.Configured') === true)
    throw invalidCombination('Nitro Enclaves and hibernation cannot be enabled on the same instance.');
  if (call.params.has('LaunchTemplate'))
    throw awsError('UnsupportedOperation', 'The simulator has no launch templates.');
  if (call.params.has('InstanceMarketOptions')) throw awsError('Unsupported', 'The simulator has no spot market.');
};

const planLaunch = (call: Call, most: number): LaunchPlan => {
  const { params } = call;
  const image = imageFor(call);
  const type = typeFor(params.text('InstanceType') ?? 'm1.small');
  checkBootable(type, image);
  refuseUnsuited(call, type);
  const group = params.text('Placement.GroupName') ?? params.text('Placement.GroupId');
  const interfaces = planInterfaces(call, most);
  if (interfaces.length > type.networkInterfaces) {
    throw awsError(
      'AttachmentLimitExceeded',
      `Interface count ${interfaces.length} exceeds the limit for ${type.name}`,
    );
  }
  const tenancy = readTenancy(call);
  checkHost(call, tenancy.hostId, interfaces[0]?.subnet.zone);
  return {
    image,
    type,
    interfaces,
    keyName: keyNameOf(call),
    devices: planLaunchDevices(call, image),
    reservationId: call.world.ids.id('r'),
    clientToken: params.text('ClientToken') ?? call.world.ids.uuid(),
    profileArn: profileFor(call),
    metadataOptions: readMetadataOptions(call, 'MetadataOptions.', defaultMetadataOptions(image)),
    monitoring: params.flag('Monitoring.Enabled') ?? false,
    ...tenancy,
    placementGroup: group === undefined || group === '' ? undefined : placementGroupFor(call, group, type),
    partitionNumber: partitionOf(call, group),
    shutdownBehaviour: shutdownOf(call),
    protectedFromTermination: params.flag('DisableApiTermination') ?? false,
    protectedFromStop: params.flag('DisableApiStop') ?? false,
    ebsOptimized: params.flag('EbsOptimized') ?? false,
    userData: checkUserData(params.text('UserData')),
    hibernationConfigured: params.flag('HibernationOptions.Configured') ?? false,
    enclaveEnabled: params.flag('EnclaveOptions.Enabled') ?? false,
    cpuCredits: creditsFor(call, type),
    cpu: cpuOf(call, type),
    tags: {
      instance: requestedTags(call, 'instance'),
      volume: requestedTags(call, 'volume'),
      networkInterface: requestedTags(call, 'network-interface'),
    },
  };
};

/** How many can start: the subnet's free addresses may be fewer than asked for, but not fewer than the least. */
const startable = (call: Call, plan: LaunchPlan, least: number, most: number): number => {
  const [first] = plan.interfaces;
  const free = first === undefined || first.existing !== undefined ? most : freeAddressCount(call, first.subnet);
  if (free < least) {
    throw awsError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${first?.subnet.id ?? ''}' to satisfy the requested number of instances.`,
    );
  }
  return Math.min(most, free);
};

/** RunInstances. */
export const runInstances = (call: Call): Reply => {
  const { least, most } = countsOf(call);
  const plan = planLaunch(call, most);
  const count = startable(call, plan, least, most);
  checkVcpus(call, plan.type, count);
  const disks = plan.devices.flatMap(({ ebs }) => ebs ?? []);
  checkStorage(call, Array.from({ length: count }, () => disks).flat());
  drawInstances(call, count);
  return showReservation(
    call,
    Array.from({ length: count }, (_, index) => makeInstance(call, plan, index)),
  );
};

/** What a repeated RunInstances with the same client token is told: the same instances as they are now, or IdempotentInstanceTerminated. */
export const showLaunchAgain = (call: Call, first: Reply): Reply => {
  // The token knows what it launched also while other reads do not show it yet.
  const again = [...call.region.instances.values()].filter((one) => one.reservationId === first['reservationId']);
  const ended = again.every((one) => ['shutting-down', 'terminated'].includes(instanceState(one, call.now)));
  if (ended)
    throw awsError(
      'IdempotentInstanceTerminated',
      'The client token belongs to a launch whose instances have been terminated.',
    );
  return showReservation(call, again);
};
