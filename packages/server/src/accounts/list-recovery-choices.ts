import { isUntold, type Ec2Port } from '@cpm/aws/port';
import type { RecoveryChoices } from '@cpm/contract';
import { nameOf } from './tags.ts';

const GONE = new Set(['terminated', 'shutting-down']);

/** What a recovery in the region can name, each list complete. */
export async function listRecoveryChoices(ec2: Ec2Port): Promise<RecoveryChoices> {
  const [zones, subnets, securityGroups, placementGroups, keyPairs, instances] = await Promise.all([
    ec2.describeZones(),
    ec2.describeSubnets(),
    ec2.describeSecurityGroups(),
    noneIfUntold(ec2.describePlacementGroups()),
    ec2.describeKeyPairs(),
    ec2.listInstances(),
  ]);
  return {
    zones: zones.filter(({ state }) => state === 'available').map(({ name }) => name),
    subnets: subnets.map((subnet) => ({
      id: subnet.subnetId,
      name: nameOf(subnet.tags),
      vpcId: subnet.vpcId,
      zone: subnet.zone,
      cidr: subnet.cidr,
      freeAddresses: subnet.freeAddresses,
      isDefaultForZone: subnet.defaultForZone,
    })),
    securityGroups: securityGroups.map(({ groupId, name, vpcId, description }) => ({
      id: groupId,
      name,
      vpcId: vpcId ?? '',
      description,
    })),
    placementGroups,
    keyPairs: keyPairs.map(({ name }) => name),
    instances: instances
      .filter(({ state }) => !GONE.has(state))
      .map((instance) => ({
        id: instance.instanceId,
        name: nameOf(instance.tags),
        zone: instance.zone,
        state: instance.state,
        devices: instance.blockDevices.map(({ deviceName }) => deviceName),
      })),
  };
}

/** An IAM policy that does not allow to list them leaves a form without this choice, not without all others. */
async function noneIfUntold<Row>(read: Promise<readonly Row[]>): Promise<Row[]> {
  try {
    return [...(await read)];
  } catch (error) {
    if (isUntold(error)) return [];
    throw error;
  }
}
