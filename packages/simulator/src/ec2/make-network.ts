import type { NetworkInterface, SecurityGroup, Subnet, Vpc } from '../state/records.ts';
import { newThing, type Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { contains, isAssignable, parseCidr, parseIp, writeIp } from './cidr.ts';

type Tags = ReadonlyMap<string, string>;
type Tagged = { readonly tags?: Tags | undefined };

const everywhere = {
  protocol: '-1',
  fromPort: undefined,
  toPort: undefined,
  cidrs: [{ cidr: '0.0.0.0/0', description: undefined }],
  groups: [],
};

export const makeSecurityGroup = (
  call: Call,
  wish: Tagged & { readonly name: string; readonly description: string; readonly vpcId: string },
): SecurityGroup => {
  const thing = newThing(call, call.world.ids.id('sg'), wish.tags);
  const group: SecurityGroup = {
    ...thing,
    name: wish.name,
    description: wish.description,
    vpcId: wish.vpcId,
    ingress: [],
    egress: [everywhere],
  };
  // Members of the default group may talk to one another.
  if (wish.name === 'default')
    group.ingress = [{ ...everywhere, cidrs: [], groups: [{ groupId: group.id, userId: call.accountId }] }];
  call.region.securityGroups.set(group.id, group);
  return group;
};

/** A VPC with its default security group. */
export const makeVpc = (
  call: Call,
  wish: Tagged & { readonly cidr: string; readonly isDefault: boolean; readonly tenancy?: string | undefined },
): Vpc => {
  const { ids } = call.world;
  const vpc: Vpc = {
    ...newThing(call, ids.id('vpc'), wish.tags),
    cidr: wish.cidr,
    isDefault: wish.isDefault,
    tenancy: wish.tenancy ?? 'default',
    dhcpOptionsId: ids.id('dopt'),
    associationId: ids.id('vpc-cidr-assoc'),
  };
  call.region.vpcs.set(vpc.id, vpc);
  makeSecurityGroup(call, { name: 'default', description: 'default VPC security group', vpcId: vpc.id });
  return vpc;
};

export const makeSubnet = (
  call: Call,
  wish: Tagged & {
    readonly vpcId: string;
    readonly cidr: string;
    readonly zone: string;
    readonly defaultForZone: boolean;
    readonly mapPublicIp?: boolean | undefined;
  },
): Subnet => {
  const subnet: Subnet = {
    ...newThing(call, call.world.ids.id('subnet'), wish.tags),
    vpcId: wish.vpcId,
    cidr: wish.cidr,
    zone: wish.zone,
    defaultForZone: wish.defaultForZone,
    mapPublicIp: wish.mapPublicIp ?? wish.defaultForZone,
    addresses: new Map(),
  };
  call.region.subnets.set(subnet.id, subnet);
  return subnet;
};

/** What every account has in every region from the start: a default VPC with a subnet in each zone. */
export const makeDefaultNetwork = (call: Call): Vpc => {
  const vpc = makeVpc(call, { cidr: '172.31.0.0/16', isDefault: true });
  call.region.zones.forEach((zone, at) => {
    makeSubnet(call, { vpcId: vpc.id, cidr: `172.31.${at * 16}.0/20`, zone: zone.name, defaultForZone: true });
  });
  return vpc;
};

const isTaken = (call: Call, subnet: Subnet, ip: string): boolean => {
  const holder = call.region.networkInterfaces.get(subnet.addresses.get(ip) ?? '');
  return holder !== undefined && (holder.deletedAt === undefined || holder.deletedAt > call.now);
};

export const freeAddressCount = (call: Call, subnet: Subnet): number => {
  const size = parseCidr(subnet.cidr)?.size ?? 0;
  const taken = [...subnet.addresses.keys()].filter((ip) => isTaken(call, subnet, ip)).length;
  return size - 5 - taken;
};

/** Throws unless the address may be given to an interface of this subnet now. */
export const checkAddress = (call: Call, subnet: Subnet, ip: string): void => {
  const cidr = parseCidr(subnet.cidr);
  const number = parseIp(ip);
  if (number === undefined)
    throw awsError(
      'InvalidParameterValue',
      `Value (${ip}) for parameter address is invalid. It is not an IPv4 address.`,
    );
  if (cidr === undefined || !contains(cidr, number))
    throw awsError('InvalidParameterValue', "Address does not fall within the subnet's address range");
  if (!isAssignable(cidr, number))
    throw awsError('InvalidParameterValue', "Address is in subnet's reserved address range");
  if (isTaken(call, subnet, ip)) throw awsError('InvalidIPAddress.InUse', `Address ${ip} is in use.`);
};

/** A free address of the subnet. Throws InsufficientFreeAddressesInSubnet. */
export const pickAddress = (call: Call, subnet: Subnet): string => {
  const cidr = parseCidr(subnet.cidr);
  if (cidr !== undefined) {
    for (let ip = cidr.base + 4; ip < cidr.base + cidr.size - 1; ip += 1) {
      const text = writeIp(ip);
      if (!subnet.addresses.has(text) || !isTaken(call, subnet, text)) return text;
    }
  }
  throw awsError(
    'InsufficientFreeAddressesInSubnet',
    `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
  );
};

/** A public address nobody else in the simulated world has. */
export const newPublicIp = (call: Call): string => {
  const number = call.world.ids.seq();
  return `203.${Math.floor(number / 62_500) % 250}.${Math.floor(number / 250) % 250}.${(number % 250) + 1}`;
};

export const makeInterface = (
  call: Call,
  wish: Tagged & {
    readonly subnet: Subnet;
    readonly description: string;
    readonly groupIds: readonly string[];
    readonly privateIps: readonly string[];
    readonly publicIp: boolean;
  },
): NetworkInterface => {
  const { subnet } = wish;
  const hex = call.world.ids.hex(10);
  const made: NetworkInterface = {
    ...newThing(call, call.world.ids.id('eni'), wish.tags),
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    description: wish.description,
    groupIds: wish.groupIds,
    mac: `02:${hex.replace(/(..)(?=.)/g, '$1:')}`,
    privateIps: wish.privateIps,
    autoPublicIp: wish.publicIp,
    publicIp: wish.publicIp ? newPublicIp(call) : undefined,
    sourceDestCheck: true,
    attachment: undefined,
  };
  for (const ip of made.privateIps) subnet.addresses.set(ip, made.id);
  call.region.networkInterfaces.set(made.id, made);
  return made;
};
