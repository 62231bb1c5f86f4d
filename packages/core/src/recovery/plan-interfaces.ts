import type { ConfiguredInterface } from './instance-configuration.ts';
import type { InstanceRequest, LaunchPlan, PlannedInterface } from './instance-recovery.ts';
import { instanceTypeOf } from './plan-instance-type.ts';

type Subnet = InstanceRequest['offer']['subnets'][number];
/** Where the first interface is planned, and its address: null where AWS chooses one. */
type First = { readonly subnet: Subnet; readonly privateIp: string | null };

export type PlannedInterfaces = Pick<
  LaunchPlan['network'],
  'description' | 'secondaryPrivateIps' | 'furtherInterfaces' | 'forwardingInterfaces'
> & {
  readonly warnings: readonly string[];
};

/**
 * Description and secondary addresses of the first network interface, and the further interfaces of the original (REC-4): what can be made
 * again beside the first one is, what cannot is a warning and never an obstacle. Source: EC2 API Reference, RunInstances.
 */
export function planInterfaces(request: InstanceRequest, first: First): PlannedInterfaces {
  const recorded = request.configuration.networkInterfaces.toSorted((a, b) => a.deviceIndex - b.deviceIndex);
  const [own, ...further] = recorded;
  const kept: PlannedInterface[] = [];
  const warnings: string[] = [];
  for (const each of further) {
    const obstacle = interfaceObstacle(request, { first, kept, each });
    if (obstacle === null) {
      const planned = planFurther(request, each);
      kept.push(planned.plan);
      warnings.push(...planned.warnings, ...ipv6Loss(each));
    } else {
      warnings.push(`the network interface ${nameOf(each)} is not made again: ${obstacle}`);
    }
  }
  if (own === undefined)
    return { description: null, secondaryPrivateIps: [], furtherInterfaces: kept, forwardingInterfaces: [], warnings };
  const made = [own, ...further.filter(({ deviceIndex }) => kept.some((each) => each.deviceIndex === deviceIndex))];
  const secondary = planSecondary(request, own, first.privateIp);
  return {
    description: own.description || null,
    secondaryPrivateIps: secondary.addresses,
    furtherInterfaces: kept,
    forwardingInterfaces: made.filter((each) => !each.isSourceDestChecked).map(({ deviceIndex }) => deviceIndex),
    warnings: [...warnings, ...secondary.warnings, ...ipv6Loss(own)],
  };
}

const nameOf = ({ interfaceId, privateIp }: ConfiguredInterface): string =>
  `${interfaceId}${privateIp === null ? '' : ` (${privateIp})`}`;

const ipv6Loss = ({ ipv6Addresses }: ConfiguredInterface): string[] =>
  ipv6Addresses.length === 0 ? [] : [`the IPv6 addresses ${ipv6Addresses.join(', ')} are not assigned again`];

type Judged = { readonly first: First; readonly kept: readonly PlannedInterface[]; readonly each: ConfiguredInterface };

/** Why a further interface is not made again; null where it is. */
function interfaceObstacle(request: InstanceRequest, { first, kept, each }: Judged): string | null {
  const { choice, offer } = request;
  const { subnetId, deviceIndex, groupIds } = each;
  const subnet = offer.subnets.find((candidate) => candidate.subnetId === subnetId);
  const facts = offer.instanceType;
  const most = facts === null || facts === 'untold' ? null : facts.mostInterfaces;
  if (choice.associatePublicIp === true) return 'a public address goes with a single interface';
  if (subnet === undefined) return `there is no subnet ${subnetId ?? ''} in this region`;
  if (subnet.vpcId !== first.subnet.vpcId) return `${subnet.subnetId} is not in ${first.subnet.vpcId}`;
  if (subnet.zone !== first.subnet.zone) return `${subnet.subnetId} is not in ${first.subnet.zone}`;
  if (most !== null && kept.length + 2 > most) return `${instanceTypeOf(request)} takes no more than ${most}`;
  if ([0, ...kept.map((other) => other.deviceIndex)].includes(deviceIndex)) return 'another one has its device index';
  const gone = groupIds.find((id) => !offer.securityGroups.some(({ groupId }) => groupId === id));
  if (gone !== undefined) return `there is no security group ${gone} in this region`;
  const beside = [first.subnet, ...kept].filter((other) => other.subnetId === subnet.subnetId).length;
  const wanted = (beside + 1) * (choice.count ?? 1);
  return subnet.freeAddresses < wanted ? `${subnet.subnetId} has ${subnet.freeAddresses} free addresses` : null;
}

function planFurther(
  request: InstanceRequest,
  each: ConfiguredInterface,
): { readonly plan: PlannedInterface; readonly warnings: readonly string[] } {
  const { deviceIndex, subnetId, groupIds, privateIp: address } = each;
  const isOwn = isOwnAddress(request) && address !== null;
  const isTaken = isOwn && request.offer.takenPrivateIps.includes(address);
  const privateIp = isOwn && !isTaken ? address : null;
  const secondary = planSecondary(request, each, privateIp);
  const another = `the address ${address ?? ''} is in use; network interface ${deviceIndex} gets another one`;
  return {
    plan: {
      deviceIndex,
      subnetId: subnetId ?? '',
      securityGroupIds: groupIds,
      privateIp,
      secondaryPrivateIps: secondary.addresses,
      description: each.description || null,
    },
    warnings: [...(isTaken ? [another] : []), ...secondary.warnings],
  };
}

/** Addresses are those of the original unless any were asked for, or several instances. */
const isOwnAddress = ({ choice }: InstanceRequest): boolean => choice.privateIp !== null && (choice.count ?? 1) === 1;

/** Secondary addresses go with their primary one: AWS wants that to be named beside them. */
function planSecondary(
  { offer }: InstanceRequest,
  { secondaryPrivateIps: all, privateIp: recorded }: ConfiguredInterface,
  primary: string | null,
): { readonly addresses: readonly string[]; readonly warnings: readonly string[] } {
  const isKept = primary !== null && primary === recorded;
  const addresses = isKept ? all.filter((address) => !offer.takenPrivateIps.includes(address)) : [];
  const lost = all.filter((address) => !addresses.includes(address));
  const warnings = lost.length === 0 ? [] : [`the secondary addresses ${lost.join(', ')} are not assigned again`];
  return { addresses, warnings };
}
