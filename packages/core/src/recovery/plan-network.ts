import type { FieldError } from '../errors.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import { planInterfaces } from './plan-interfaces.ts';
import type { InstanceRecoveryChoice, InstanceRequest, LaunchOffer, LaunchPlan } from './instance-recovery.ts';

/** AWS keeps the first four addresses and the last one of every subnet (VPC User Guide, "Subnet CIDR blocks"). */
const RESERVED_AT_START = 4;

type Subnet = LaunchOffer['subnets'][number];

export type PlannedNetwork = {
  readonly network: LaunchPlan['network'];
  readonly zone: string;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** Where the new instance is placed: subnet, address and security groups that fit together, or what does not (REC-4). */
export function planNetwork(request: InstanceRequest): PlannedNetwork {
  const { configuration, choice, offer } = request;
  const { subnetId, errors: zoneErrors } = chooseSubnet(choice, configuration, offer);
  const subnet = offer.subnets.find((candidate) => candidate.subnetId === subnetId);
  const network = {
    subnetId: subnetId ?? '',
    securityGroupIds: [],
    privateIp: null,
    secondaryPrivateIps: [],
    associatePublicIp: choice.associatePublicIp ?? null,
    description: null,
    furtherInterfaces: [],
    forwardingInterfaces: [],
  };
  if (zoneErrors.length > 0) {
    return { network, zone: choice.zone ?? configuration.placement.zone, errors: zoneErrors, warnings: [] };
  }
  if (subnet === undefined) {
    const message =
      subnetId === null ? 'choose a subnet: the original was in none' : `there is no subnet ${subnetId} in this region`;
    return { network, zone: configuration.placement.zone, errors: [{ path: 'subnetId', message }], warnings: [] };
  }
  const count = choice.count ?? 1;
  const fullErrors =
    subnet.freeAddresses < count
      ? [
          {
            path: 'subnetId',
            message: `${subnet.subnetId} has ${subnet.freeAddresses} free addresses for ${count} instances`,
          },
        ]
      : [];
  const address = planAddress({ configuration, choice, offer }, subnet);
  const groups = planGroups({ configuration, choice, offer }, subnet);
  const { privateIp } = address;
  const { warnings, ...interfaces } = planInterfaces(request, { subnet, privateIp });
  return {
    network: { ...network, privateIp, securityGroupIds: groups.groupIds, ...interfaces },
    zone: subnet.zone,
    errors: [...fullErrors, ...address.errors, ...groups.errors],
    warnings: [...address.warnings, ...warnings],
  };
}

/** The subnet that a wish leads to: the named one, the default one of the named zone, or that of the original. */
export function chooseSubnet(
  choice: Pick<InstanceRecoveryChoice, 'zone' | 'subnetId'>,
  configuration: Pick<InstanceConfiguration, 'subnetId'>,
  { zones, subnets }: Pick<LaunchOffer, 'zones' | 'subnets'>,
): { readonly subnetId: string | null; readonly errors: readonly FieldError[] } {
  const { zone, subnetId } = choice;
  if (zone === undefined) return { subnetId: subnetId ?? configuration.subnetId, errors: [] };
  const refuse = (message: string) => ({ subnetId: subnetId ?? null, errors: [{ path: 'zone', message }] });
  if (subnetId !== undefined) return refuse('name either a zone or a subnet: a subnet lies in one zone');
  if (!zones.includes(zone)) return refuse(`there is no zone ${zone} in this region`);
  const found = subnets.find((subnet) => subnet.zone === zone && subnet.isDefaultForZone);
  return found === undefined
    ? refuse(`${zone} has no default subnet; choose a subnet instead`)
    : { subnetId: found.subnetId, errors: [] };
}

type Asked = Pick<InstanceRequest, 'configuration' | 'choice' | 'offer'>;
type Address = {
  readonly privateIp: string | null;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** An address that was asked for must be right; the original's is taken over only where it is free. */
function planAddress({ configuration, choice, offer }: Asked, subnet: Subnet): Address {
  const any = { privateIp: null, errors: [], warnings: [] };
  const isTaken = (address: string): boolean => offer.takenPrivateIps.includes(address);
  if (choice.privateIp !== undefined && choice.privateIp !== null) {
    const message = addressObstacle(choice.privateIp, subnet, { isTaken, count: choice.count ?? 1 });
    if (message !== null) return { ...any, errors: [{ path: 'privateIp', message }] };
    return { ...any, privateIp: choice.privateIp };
  }
  const original = configuration.privateIp;
  if (choice.privateIp === null || original === null || configuration.subnetId !== subnet.subnetId) return any;
  if ((choice.count ?? 1) > 1) return any;
  if (isTaken(original))
    return { ...any, warnings: [`the address ${original} is in use; the new instance gets another one`] };
  return { ...any, privateIp: original };
}

function addressObstacle(
  address: string,
  subnet: Subnet,
  asked: { readonly isTaken: (address: string) => boolean; readonly count: number },
): string | null {
  if (asked.count > 1) return 'one address cannot be given to several instances';
  if (ipv4Number(address) === null) return `"${address}" is no IPv4 address`;
  if (!isUsableInSubnet(address, subnet.cidrBlock))
    return `${address} is not usable in ${subnet.subnetId} (${subnet.cidrBlock})`;
  return asked.isTaken(address) ? `${address} is in use` : null;
}

function planGroups(
  { configuration, choice, offer }: Asked,
  subnet: Subnet,
): { groupIds: readonly string[]; errors: FieldError[] } {
  const path = 'securityGroupIds';
  if (choice.securityGroupIds === undefined && configuration.vpcId !== subnet.vpcId) {
    const message = `choose security groups of ${subnet.vpcId}: the original's belong to another network`;
    return { groupIds: [], errors: [{ path, message }] };
  }
  const groupIds = choice.securityGroupIds ?? configuration.securityGroups.map(({ groupId }) => groupId);
  if (groupIds.length === 0) return { groupIds, errors: [{ path, message: 'choose at least one security group' }] };
  const errors = groupIds.flatMap((groupId): FieldError[] => {
    const group = offer.securityGroups.find((candidate) => candidate.groupId === groupId);
    if (group === undefined) return [{ path, message: `there is no security group ${groupId} in this region` }];
    return group.vpcId === subnet.vpcId ? [] : [{ path, message: `${groupId} is not in ${subnet.vpcId}` }];
  });
  return { groupIds, errors };
}

/** Whether an instance may have the address in the subnet: within it, and none of those that AWS keeps. */
export function isUsableInSubnet(address: string, cidrBlock: string): boolean {
  const [base = '', prefix = ''] = cidrBlock.split('/');
  const start = ipv4Number(base);
  const wanted = ipv4Number(address);
  if (start === null || wanted === null || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return false;
  const size = 2 ** (32 - Number(prefix));
  const offset = wanted - start;
  return offset >= RESERVED_AT_START && offset < size - 1;
}

function ipv4Number(address: string): number | null {
  const parts = address.split('.');
  const isDotted =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isDotted ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : null;
}
