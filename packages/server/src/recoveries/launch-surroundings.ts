import { isUntold, type Ec2Port, type InstanceType } from '@cpm/aws/port';
import { chooseSubnet, instanceTypeOf } from '@cpm/core';
import type {
  InstanceConfiguration,
  InstanceRecoveryChoice,
  InstanceTypeFacts,
  LaunchOffer,
  OfferedImage,
} from '@cpm/core';
import type { SnapshotRow } from '../backups/snapshots.store.ts';
import { offeredImage } from './offered-image.ts';
import { GONE, lostSnapshots } from './recoverable-volumes.ts';

/** What a region has for launches, whatever is launched: read once for all that are planned together. */
export type LaunchSurroundings = {
  readonly common: () => Promise<Omit<LaunchOffer, 'takenPrivateIps' | 'instanceType' | 'instanceTypeZones'>>;
  /** CPM's records of the snapshots that AWS does not show any more. */
  readonly lost: () => Promise<ReadonlyMap<string, string>>;
  readonly addressesIn: (subnetIds: readonly string[]) => Promise<readonly string[]>;
  readonly image: (imageId: string) => Promise<OfferedImage | null>;
  readonly typeOf: (name: string) => Promise<Pick<LaunchOffer, 'instanceType' | 'instanceTypeZones'>>;
};

/** Reads of one region that are made when first asked for, and not again. */
export function launchSurroundings(ec2: Ec2Port, snapshots: readonly SnapshotRow[]): LaunchSurroundings {
  const instances = once(() => ec2.listInstances());
  const addresses = onceEach((subnetId) => orUntold(ec2.describePrivateAddresses([subnetId])));
  return {
    common: once(() => readCommon(ec2)),
    lost: once(() => lostSnapshots(ec2, snapshots)),
    async addressesIn(subnetIds) {
      const told = await Promise.all(subnetIds.map(addresses));
      if (!told.includes('untold')) return told.flatMap((each) => (each === 'untold' ? [] : each));
      // Without the permission to see interfaces, those of instances are known at least.
      return (await instances())
        .filter(({ subnetId, state }) => subnetIds.includes(subnetId ?? '') && !GONE.has(state))
        .flatMap(({ privateIp }) => (privateIp === null ? [] : [privateIp]));
    },
    typeOf: onceEach((name) => readType(ec2, name)),
    image: onceEach((imageId) => offeredImage(ec2, imageId)),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= read());
}

function onceEach<T>(read: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (name) => {
    const answer = answers.get(name) ?? read(name);
    answers.set(name, answer);
    return answer;
  };
}

/** Everything that a wish is judged by; all of it is asked at the same time. */
export async function launchOffer(
  surroundings: LaunchSurroundings,
  configuration: InstanceConfiguration,
  choice: InstanceRecoveryChoice,
): Promise<LaunchOffer> {
  const [common, type] = await Promise.all([
    surroundings.common(),
    surroundings.typeOf(instanceTypeOf({ choice, configuration })),
  ]);
  const { subnetId } = chooseSubnet(choice, configuration, common);
  const recorded = configuration.networkInterfaces.map((each) => each.subnetId);
  const subnetIds = new Set([subnetId, ...recorded].filter((each) => each !== null));
  return { ...common, ...type, takenPrivateIps: await surroundings.addressesIn([...subnetIds]) };
}

async function readCommon(ec2: Ec2Port) {
  const [zones, subnets, groups, keys, placementGroups, hosts] = await Promise.all([
    ec2.describeZones(),
    ec2.describeSubnets(),
    ec2.describeSecurityGroups(),
    ec2.describeKeyPairs(),
    orUntold(ec2.describePlacementGroups()),
    orUntold(ec2.describeHosts()),
  ]);
  return {
    zones: zones.filter(({ state }) => state === 'available').map(({ name }) => name),
    subnets: subnets.map((subnet) => ({
      subnetId: subnet.subnetId,
      vpcId: subnet.vpcId,
      zone: subnet.zone,
      cidrBlock: subnet.cidr,
      freeAddresses: subnet.freeAddresses,
      isDefaultForZone: subnet.defaultForZone,
    })),
    securityGroups: groups.map(({ groupId, vpcId }) => ({ groupId, vpcId })),
    keyNames: keys.map(({ name }) => name),
    placementGroups,
    hosts,
  };
}

async function readType(ec2: Ec2Port, name: string) {
  const [type, instanceTypeZones] = await Promise.all([
    orUntold(ec2.describeInstanceType(name)),
    orUntold(ec2.describeInstanceTypeZones(name)),
  ]);
  return { instanceType: type === null || type === 'untold' ? type : factsOf(type), instanceTypeZones };
}

/** What an IAM policy from before these checks does not allow to ask is no reason to stop: AWS will say it at the launch. */
async function orUntold<T>(read: Promise<T>): Promise<T | 'untold'> {
  try {
    return await read;
  } catch (error) {
    if (isUntold(error)) return 'untold';
    throw error;
  }
}

const factsOf = ({ name, ena, instanceStore, nvmeInstanceStore, ...type }: InstanceType): InstanceTypeFacts => ({
  instanceType: name,
  architectures: type.architectures,
  virtualizationTypes: type.virtualizationTypes,
  bootModes: type.bootModes,
  ena,
  hasNitroTpm: type.nitroTpm,
  placementStrategies: type.placementStrategies,
  supportsDedicatedHosts: type.dedicatedHosts,
  mostInterfaces: type.mostInterfaces,
  supportsHibernation: type.hibernation,
  supportsEnclaves: type.enclaves,
  isBurstable: type.burstable,
  defaultCpu: type.defaultCpu,
  instanceStore: instanceStore ? (nvmeInstanceStore ? 'nvme' : 'mapped') : 'none',
});
