import type { Subnet, Vpc } from '../state/records.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { contains, parseCidr } from './cidr.ts';
import { describeThings } from './describe.ts';
import { tagFilters, unmet, type FilterTable } from './filters.ts';
import { findById, isShown, kinds, ownThings } from './kinds.ts';
import { freeAddressCount, makeSubnet, makeVpc } from './make-network.ts';
import type { Operations } from './operation.ts';
import { requestedTags, tagSet } from './tag-rules.ts';

const showVpc = (call: Call, vpc: Vpc): Reply => ({
  vpcId: vpc.id,
  ownerId: vpc.ownerId,
  state: 'available',
  cidrBlock: vpc.cidr,
  dhcpOptionsId: vpc.dhcpOptionsId,
  instanceTenancy: vpc.tenancy,
  isDefault: vpc.isDefault,
  cidrBlockAssociationSet: [
    { associationId: vpc.associationId, cidrBlock: vpc.cidr, cidrBlockState: { state: 'associated' } },
  ],
  tagSet: tagSet(call, vpc),
});

const vpcFilters: FilterTable<Vpc> = {
  ...tagFilters,
  cidr: (vpc) => vpc.cidr,
  'cidr-block-association.cidr-block': (vpc) => vpc.cidr,
  'cidr-block-association.association-id': (vpc) => vpc.associationId,
  'cidr-block-association.state': () => 'associated',
  'dhcp-options-id': (vpc) => vpc.dhcpOptionsId,
  'ipv6-cidr-block-association.ipv6-cidr-block': () => undefined,
  'ipv6-cidr-block-association.ipv6-pool': () => undefined,
  'ipv6-cidr-block-association.association-id': () => undefined,
  'ipv6-cidr-block-association.state': () => undefined,
  'is-default': (vpc) => vpc.isDefault,
  isDefault: (vpc) => vpc.isDefault,
  'owner-id': (vpc) => vpc.ownerId,
  state: () => 'available',
  'vpc-id': (vpc) => vpc.id,
};

const describeVpcs = (call: Call): Reply => {
  const { shown, nextToken } = describeThings(call, {
    things: ownThings(call, kinds.vpc),
    kind: kinds.vpc,
    idParameter: 'VpcId',
    wireName: 'VpcIds',
    filters: vpcFilters,
  });
  return { vpcSet: shown.map((vpc) => showVpc(call, vpc)), nextToken };
};

const readBlock = (call: Call): string => {
  const text = call.params.requiredText('CidrBlock');
  const cidr = parseCidr(text);
  if (cidr === undefined)
    throw awsError(
      'InvalidParameterValue',
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  return text;
};

const createVpc = (call: Call): Reply => {
  const cidr = readBlock(call);
  const bits = parseCidr(cidr)?.bits ?? 0;
  if (bits < 16 || bits > 28) throw awsError('InvalidVpc.Range', `The CIDR '${cidr}' is invalid.`);
  const vpc = makeVpc(call, {
    cidr,
    isDefault: false,
    tenancy: call.params.text('InstanceTenancy'),
    tags: requestedTags(call, 'vpc'),
  });
  return { vpc: showVpc(call, vpc) };
};

const showSubnet = (call: Call, subnet: Subnet): Reply => ({
  subnetId: subnet.id,
  subnetArn: `arn:aws:ec2:${call.region.name}:${subnet.ownerId}:subnet/${subnet.id}`,
  ownerId: subnet.ownerId,
  state: 'available',
  vpcId: subnet.vpcId,
  cidrBlock: subnet.cidr,
  availableIpAddressCount: freeAddressCount(call, subnet),
  availabilityZone: subnet.zone,
  availabilityZoneId: call.region.zones.find((zone) => zone.name === subnet.zone)?.id,
  defaultForAz: subnet.defaultForZone,
  mapPublicIpOnLaunch: subnet.mapPublicIp,
  assignIpv6AddressOnCreation: false,
  ipv6CidrBlockAssociationSet: [],
  enableDns64: false,
  ipv6Native: false,
  tagSet: tagSet(call, subnet),
});

const subnetFilters: FilterTable<Subnet> = {
  ...tagFilters,
  ...unmet(
    'customer-owned-ipv4-pool',
    'enable-lni-at-device-index',
    'ipv6-cidr-block-association.ipv6-cidr-block',
    'ipv6-cidr-block-association.association-id',
    'ipv6-cidr-block-association.state',
    'outpost-arn',
  ),
  'enable-dns64': () => false,
  'map-customer-owned-ip-on-launch': () => false,
  'private-dns-name-options-on-launch.hostname-type': () => 'ip-name',
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': () => false,
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': () => false,
  'availability-zone': (subnet) => subnet.zone,
  availabilityZone: (subnet) => subnet.zone,
  'availability-zone-id': (subnet, call) => call.region.zones.find((zone) => zone.name === subnet.zone)?.id,
  'available-ip-address-count': (subnet, call) => freeAddressCount(call, subnet),
  'cidr-block': (subnet) => subnet.cidr,
  cidr: (subnet) => subnet.cidr,
  'default-for-az': (subnet) => subnet.defaultForZone,
  defaultForAz: (subnet) => subnet.defaultForZone,
  'ipv6-native': () => false,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIp,
  'owner-id': (subnet) => subnet.ownerId,
  state: () => 'available',
  'subnet-arn': (subnet, call) => `arn:aws:ec2:${call.region.name}:${subnet.ownerId}:subnet/${subnet.id}`,
  'subnet-id': (subnet) => subnet.id,
  'vpc-id': (subnet) => subnet.vpcId,
};

const describeSubnets = (call: Call): Reply => {
  const { shown, nextToken } = describeThings(call, {
    things: ownThings(call, kinds.subnet),
    kind: kinds.subnet,
    idParameter: 'SubnetId',
    wireName: 'SubnetIds',
    filters: subnetFilters,
  });
  return { subnetSet: shown.map((subnet) => showSubnet(call, subnet)), nextToken };
};

const createSubnet = (call: Call): Reply => {
  const vpc = findById(call, kinds.vpc, 'VpcId');
  const text = readBlock(call);
  const cidr = parseCidr(text);
  const whole = parseCidr(vpc.cidr);
  if (
    cidr === undefined ||
    whole === undefined ||
    !contains(whole, cidr.base) ||
    cidr.bits < whole.bits ||
    cidr.bits > 28
  ) {
    throw awsError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`);
  }
  const clash = ownThings(call, kinds.subnet).some((other) => {
    const block = parseCidr(other.cidr);
    return other.vpcId === vpc.id && block !== undefined && (contains(block, cidr.base) || contains(cidr, block.base));
  });
  if (clash) throw awsError('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`);
  const named =
    call.params.text('AvailabilityZone') ?? call.params.text('AvailabilityZoneId') ?? call.region.zones[0]?.name;
  const zone = call.region.zones.find((one) => one.name === named || one.id === named);
  if (zone === undefined)
    throw awsError('InvalidParameterValue', `Value (${named ?? ''}) for parameter availabilityZone is invalid.`);
  const subnet = makeSubnet(call, {
    vpcId: vpc.id,
    cidr: text,
    zone: zone.name,
    defaultForZone: false,
    tags: requestedTags(call, 'subnet'),
  });
  return { subnet: showSubnet(call, subnet) };
};

const modifySubnet = (call: Call): Reply => {
  const subnet = findById(call, kinds.subnet, 'SubnetId');
  subnet.mapPublicIp = call.params.flag('MapPublicIpOnLaunch.Value') ?? subnet.mapPublicIp;
  return { return: true };
};

const deleteSubnet = (call: Call): Reply => {
  const subnet = findById(call, kinds.subnet, 'SubnetId');
  const used = ownThings(call, kinds.networkInterface).some((one) => one.subnetId === subnet.id);
  if (used) throw awsError('DependencyViolation', `The subnet '${subnet.id}' has dependencies and cannot be deleted.`);
  subnet.deletedAt = call.now;
  subnet.deletedBy = madeBy(call);
  return { return: true };
};

const deleteVpc = (call: Call): Reply => {
  const vpc = findById(call, kinds.vpc, 'VpcId');
  const inVpc = (thing: { readonly vpcId: string }): boolean => thing.vpcId === vpc.id;
  const groups = [...call.region.securityGroups.values()].filter((group) => inVpc(group) && isShown(call, group));
  if (ownThings(call, kinds.subnet).some(inVpc) || groups.some((group) => group.name !== 'default')) {
    throw awsError('DependencyViolation', `The vpc '${vpc.id}' has dependencies and cannot be deleted.`);
  }
  for (const thing of [vpc, ...groups]) {
    thing.deletedAt = call.now;
    thing.deletedBy = madeBy(call);
  }
  return { return: true };
};

/** VPCs and their subnets. */
export const networkOperations: Operations = {
  DescribeVpcs: { run: describeVpcs },
  CreateVpc: { required: ['CidrBlock'], makes: ['vpc'], run: createVpc },
  DeleteVpc: { required: ['VpcId'], targets: ['VpcId'], run: deleteVpc },
  DescribeSubnets: { run: describeSubnets },
  CreateSubnet: { required: ['VpcId', 'CidrBlock'], targets: ['VpcId'], makes: ['subnet'], run: createSubnet },
  ModifySubnetAttribute: { required: ['SubnetId'], targets: ['SubnetId'], run: modifySubnet },
  DeleteSubnet: { required: ['SubnetId'], targets: ['SubnetId'], run: deleteSubnet },
};
