import type { NetworkInterface, SecurityGroup, Subnet } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import type { Params } from '../wire/params.ts';
import { checkForm, find, kinds, ownThings } from './kinds.ts';
import { checkAddress } from './make-network.ts';

/** One network interface of a launch: a new one, or one that waits to be used. */
export type PlannedInterface = {
  readonly deviceIndex: number;
  readonly subnet: Subnet;
  readonly groupIds: readonly string[];
  readonly privateIps: readonly string[];
  readonly morePrivateIps: number;
  readonly publicIp: boolean;
  readonly description: string;
  readonly deleteOnTermination: boolean;
  readonly existing: NetworkInterface | undefined;
};

const zoneWanted = (call: Call): string | undefined => {
  const named = call.params.text('Placement.AvailabilityZone') ?? call.params.text('Placement.AvailabilityZoneId');
  if (named === undefined || named === '') return undefined;
  const zone = call.region.zones.find((one) => one.name === named || one.id === named);
  if (zone === undefined) throw awsError('InvalidParameterValue', `Invalid availability zone: [${named}]`);
  return zone.name;
};

const subnetOf = (call: Call, id: string | undefined): Subnet => {
  const zone = zoneWanted(call);
  if (id !== undefined && id !== '') {
    checkForm(kinds.subnet, id, 'SubnetId');
    const subnet = find(call, kinds.subnet, id);
    if (zone !== undefined && zone !== subnet.zone) {
      throw invalidCombination(`The subnet '${id}' is in zone '${subnet.zone}', not in the requested zone '${zone}'.`);
    }
    return subnet;
  }
  const vpc = ownThings(call, kinds.vpc).find((one) => one.isDefault);
  if (vpc === undefined)
    throw awsError(
      'VPCIdNotSpecified',
      'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
    );
  const subnet = ownThings(call, kinds.subnet).find(
    (one) => one.vpcId === vpc.id && one.defaultForZone && (zone === undefined || one.zone === zone),
  );
  if (subnet === undefined)
    throw awsError('MissingInput', `No default subnet for availability zone: '${zone ?? 'null'}'.`);
  return subnet;
};

const groupById = (call: Call, id: string, subnet: Subnet): SecurityGroup => {
  checkForm(kinds.securityGroup, id, 'SecurityGroupId');
  const group = find(call, kinds.securityGroup, id);
  if (group.vpcId !== subnet.vpcId) {
    throw awsError('InvalidParameter', `Security group ${id} and subnet ${subnet.id} belong to different networks.`);
  }
  return group;
};

const groupsFor = (call: Call, ids: readonly string[], names: readonly string[], subnet: Subnet): string[] => {
  const own = ownThings(call, kinds.securityGroup).filter((group) => group.vpcId === subnet.vpcId);
  const byName = names.map((name) => {
    const group = own.find((one) => one.name === name);
    if (group === undefined)
      throw awsError('InvalidGroup.NotFound', `The security group '${name}' does not exist in VPC '${subnet.vpcId}'`);
    return group.id;
  });
  const chosen = [...ids.map((id) => groupById(call, id, subnet).id), ...byName];
  if (chosen.length > 0) return [...new Set(chosen)];
  return own.filter((group) => group.name === 'default').map((group) => group.id);
};

const checkedAddress = (call: Call, subnet: Subnet, ip: string): string => {
  checkAddress(call, subnet, ip);
  return ip;
};

const simpleInterface = (call: Call): PlannedInterface => {
  const { params } = call;
  const subnetId = params.text('SubnetId');
  const names = params.texts('SecurityGroup');
  if (subnetId !== undefined && names.length > 0)
    throw invalidCombination('The parameter groupName cannot be used with the parameter subnet');
  const subnet = subnetOf(call, subnetId);
  const ip = params.text('PrivateIpAddress');
  return {
    deviceIndex: 0,
    subnet,
    groupIds: groupsFor(call, params.texts('SecurityGroupId'), names, subnet),
    privateIps: ip === undefined || ip === '' ? [] : [checkedAddress(call, subnet, ip)],
    morePrivateIps: 0,
    publicIp: subnet.mapPublicIp,
    description: '',
    deleteOnTermination: true,
    existing: undefined,
  };
};

const addressesOf = (call: Call, wish: Params, subnet: Subnet): string[] => {
  const listed = wish.structs('PrivateIpAddresses');
  const primary =
    wish.text('PrivateIpAddress') ?? listed.find((one) => one.flag('Primary') === true)?.text('PrivateIpAddress');
  const others = listed.map((one) => one.text('PrivateIpAddress') ?? '').filter((ip) => ip !== primary);
  const all = [...(primary === undefined ? [] : [primary]), ...others];
  return all.map((ip) => checkedAddress(call, subnet, ip));
};

const existingInterface = (call: Call, id: string): NetworkInterface => {
  checkForm(kinds.networkInterface, id, 'NetworkInterfaceId');
  const found = find(call, kinds.networkInterface, id);
  const { attachment } = found;
  if (attachment !== undefined && (attachment.detachedAt === undefined || attachment.detachedAt > call.now)) {
    throw awsError('InvalidNetworkInterface.InUse', `Interface: [${id}] in use.`);
  }
  return found;
};

const readInterface = (call: Call, wish: Params, count: number): PlannedInterface => {
  const id = wish.text('NetworkInterfaceId');
  const existing = id === undefined || id === '' ? undefined : existingInterface(call, id);
  const subnet = subnetOf(call, existing?.subnetId ?? wish.text('SubnetId'));
  const associate = wish.flag('AssociatePublicIpAddress');
  if (associate === true && count > 1) {
    throw invalidCombination(
      'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
    );
  }
  const ids = wish.texts('SecurityGroupId');
  return {
    deviceIndex: wish.integer('DeviceIndex') ?? 0,
    subnet,
    groupIds: existing?.groupIds ?? groupsFor(call, ids, [], subnet),
    privateIps: existing?.privateIps ?? addressesOf(call, wish, subnet),
    morePrivateIps: wish.integer('SecondaryPrivateIpAddressCount') ?? 0,
    publicIp: associate ?? (count === 1 && subnet.mapPublicIp),
    description: wish.text('Description') ?? '',
    deleteOnTermination: wish.flag('DeleteOnTermination') ?? existing === undefined,
    existing,
  };
};

const refuseMixture = (call: Call): void => {
  const mixed = (parameter: string, name: string): void => {
    if (call.params.has(parameter))
      throw invalidCombination(
        `Network interfaces and an instance-level ${name} may not be specified on the same request`,
      );
  };
  mixed('SubnetId', 'subnet ID');
  mixed('SecurityGroupId', 'security groups');
  mixed('SecurityGroup', 'security groups');
  mixed('PrivateIpAddress', 'private address');
};

/** The network interfaces of a launch, first one first. Throws AWS's refusals. */
export const planInterfaces = (call: Call, maxCount: number): PlannedInterface[] => {
  const wishes = call.params.structs('NetworkInterface');
  if (wishes.length > 0) refuseMixture(call);
  const planned =
    wishes.length === 0 ? [simpleInterface(call)] : wishes.map((wish) => readInterface(call, wish, wishes.length));
  planned.sort((a, b) => a.deviceIndex - b.deviceIndex);
  if (planned[0]?.deviceIndex !== 0)
    throw awsError('InvalidParameterValue', 'The first network interface must have the device index 0.');
  if (new Set(planned.map((one) => one.deviceIndex)).size !== planned.length) {
    throw awsError('InvalidParameterCombination', 'Each network interface requires a unique device index.');
  }
  const addressed = planned.some((one) => one.privateIps.length > 0 || one.existing !== undefined);
  if (addressed && maxCount > 1)
    throw invalidCombination('A private address or an existing network interface can be given for one instance only.');
  return planned;
};
