import type { Ec2Port } from '@cpm/aws/port';
import type { RecoveryChoices } from '@cpm/contract';
import { nameOf } from './tags.ts';

const GONE = new Set(['terminated', 'shutting-down']);

/** What a recovery in the region can name, each list complete. */
export async function listRecoveryChoices(ec2: Ec2Port): Promise<RecoveryChoices> {
  const [zones, subnets, securityGroups, keyPairs, instances] = await Promise.all([
    ec2.describeZones(),
    ec2.describeSubnets(),
    ec2.describeSecurityGroups(),
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
    })),
    securityGroups: securityGroups.map(({ groupId, name, vpcId }) => ({ id: groupId, name, vpcId: vpcId ?? '' })),
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
