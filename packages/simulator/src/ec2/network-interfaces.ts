import type { NetworkInterface } from '../state/records.ts';
import { madeBy, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';
import { describeThings } from './describe.ts';
import { tagFilters, type FilterTable } from './filters.ts';
import { find, findById, kinds, ownThings } from './kinds.ts';
import { checkAddress, makeInterface, pickAddress } from './make-network.ts';
import type { Operations } from './operation.ts';
import { privateDns, publicDns, publicIpOf, showGroups } from './show-instance.ts';
import { requestedTags, tagSet } from './tag-rules.ts';

const attachmentOf = (call: Call, one: NetworkInterface): NetworkInterface['attachment'] =>
  one.attachment === undefined || (one.attachment.detachedAt ?? Infinity) <= call.now ? undefined : one.attachment;

const status = (call: Call, one: NetworkInterface): string =>
  attachmentOf(call, one) === undefined ? 'available' : 'in-use';

const show = (call: Call, one: NetworkInterface): Reply => {
  const attachment = attachmentOf(call, one);
  const found = publicIpOf(call, one);
  const association = found && {
    publicIp: found.ip,
    ipOwnerId: found.ownerId,
    publicDnsName: publicDns(call, found.ip),
  };
  return {
    networkInterfaceId: one.id,
    subnetId: one.subnetId,
    vpcId: one.vpcId,
    availabilityZone: one.zone,
    description: one.description,
    ownerId: one.ownerId,
    requesterManaged: false,
    status: status(call, one),
    macAddress: one.mac,
    privateIpAddress: one.privateIps[0],
    privateDnsName: privateDns(call, one.privateIps[0]),
    sourceDestCheck: one.sourceDestCheck,
    groupSet: showGroups(call, one.groupIds),
    interfaceType: 'interface',
    ipv6AddressesSet: [],
    attachment: attachment && {
      attachmentId: attachment.id,
      instanceId: attachment.instanceId,
      instanceOwnerId: one.ownerId,
      deviceIndex: attachment.deviceIndex,
      status: 'attached',
      attachTime: new Date(attachment.at),
      deleteOnTermination: attachment.deleteOnTermination,
    },
    association,
    tagSet: tagSet(call, one),
    privateIpAddressesSet: one.privateIps.map((ip, at) => ({
      privateIpAddress: ip,
      privateDnsName: privateDns(call, ip),
      primary: at === 0,
      association: at === 0 ? association : undefined,
    })),
  };
};

const none = (): undefined => undefined;

const filters: FilterTable<NetworkInterface> = {
  ...tagFilters,
  'association.allocation-id': none,
  'association.association-id': none,
  'addresses.association.owner-id': none,
  'addresses.association.public-ip': (one, call) => publicIpOf(call, one)?.ip,
  'addresses.primary': () => true,
  'addresses.private-ip-address': (one) => one.privateIps,
  'association.ip-owner-id': (one, call) => publicIpOf(call, one)?.ownerId,
  'association.public-ip': (one, call) => publicIpOf(call, one)?.ip,
  'association.public-dns-name': none,
  'attachment.attach-time': (one, call) => new Date(attachmentOf(call, one)?.at ?? 0),
  'attachment.attachment-id': (one, call) => attachmentOf(call, one)?.id,
  'attachment.delete-on-termination': (one, call) => attachmentOf(call, one)?.deleteOnTermination,
  'attachment.device-index': (one, call) => attachmentOf(call, one)?.deviceIndex,
  'attachment.instance-id': (one, call) => attachmentOf(call, one)?.instanceId,
  'attachment.instance-owner-id': (one) => one.ownerId,
  'attachment.status': (one, call) => (attachmentOf(call, one) === undefined ? undefined : 'attached'),
  'availability-zone': (one) => one.zone,
  'availability-zone-id': (one, call) => call.region.zones.find((zone) => zone.name === one.zone)?.id,
  description: (one) => one.description,
  'group-id': (one) => one.groupIds,
  'group-name': (one, call) => one.groupIds.map((id) => call.region.securityGroups.get(id)?.name),
  'ipv6-addresses.ipv6-address': none,
  'interface-type': () => 'interface',
  'mac-address': (one) => one.mac,
  'network-interface-id': (one) => one.id,
  'operator.managed': () => false,
  'operator.principal': none,
  'owner-id': (one) => one.ownerId,
  'private-dns-name': (one, call) => privateDns(call, one.privateIps[0]),
  'private-ip-address': (one) => one.privateIps[0],
  'requester-id': none,
  'requester-managed': () => false,
  'source-dest-check': (one) => one.sourceDestCheck,
  status: (one, call) => status(call, one),
  'subnet-id': (one) => one.subnetId,
  'vpc-id': (one) => one.vpcId,
};

const describe = (call: Call): Reply => {
  const { shown, nextToken } = describeThings(call, {
    things: ownThings(call, kinds.networkInterface),
    kind: kinds.networkInterface,
    idParameter: 'NetworkInterfaceId',
    wireName: 'networkInterfaceIds',
    filters,
  });
  return { networkInterfaceSet: shown.map((one) => show(call, one)), nextToken };
};

const create = (call: Call): Reply => {
  const subnet = findById(call, kinds.subnet, 'SubnetId');
  const ids = call.params.texts('SecurityGroupId');
  const groups = ids.map((id) => find(call, kinds.securityGroup, id).id);
  const fallback = ownThings(call, kinds.securityGroup).filter(
    (group) => group.vpcId === subnet.vpcId && group.name === 'default',
  );
  const ip = call.params.text('PrivateIpAddress');
  if (ip !== undefined) checkAddress(call, subnet, ip);
  const made = makeInterface(call, {
    subnet,
    description: call.params.text('Description') ?? '',
    groupIds: groups.length === 0 ? fallback.map((group) => group.id) : groups,
    privateIps: [ip ?? pickAddress(call, subnet)],
    publicIp: false,
    tags: requestedTags(call, 'network-interface'),
  });
  return { networkInterface: show(call, made) };
};

const remove = (call: Call): Reply => {
  const one = findById(call, kinds.networkInterface, 'NetworkInterfaceId');
  if (attachmentOf(call, one) !== undefined)
    throw awsError('InvalidParameterValue', `Network interface '${one.id}' is currently in use.`);
  one.deletedAt = call.now;
  one.deletedBy = madeBy(call);
  return { return: true };
};

const setAttachment = (call: Call, one: NetworkInterface): void => {
  const attachment = attachmentOf(call, one);
  const id = call.params.text('Attachment.AttachmentId');
  if (attachment === undefined || attachment.id !== id)
    throw awsError('InvalidAttachmentID.NotFound', `The attachment '${id ?? ''}' of '${one.id}' does not exist.`);
  const goesWithIt = call.params.flag('Attachment.DeleteOnTermination');
  one.attachment = { ...attachment, deleteOnTermination: goesWithIt ?? attachment.deleteOnTermination };
};

const setGroups = (call: Call, one: NetworkInterface): void => {
  const groups = call.params.texts('SecurityGroupId').map((id) => find(call, kinds.securityGroup, id));
  if (groups.some(({ vpcId }) => vpcId !== one.vpcId))
    throw awsError('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
  one.groupIds = [...new Set(groups.map(({ id }) => id))];
};

const setters: Readonly<Record<string, (call: Call, one: NetworkInterface) => void>> = {
  Attachment: setAttachment,
  Description: (call, one) => {
    one.description = call.params.text('Description.Value') ?? '';
  },
  SecurityGroupId: setGroups,
  SourceDestCheck: (call, one) => {
    one.sourceDestCheck = call.params.flag('SourceDestCheck.Value') ?? one.sourceDestCheck;
  },
};

const modify = (call: Call): Reply => {
  const one = findById(call, kinds.networkInterface, 'NetworkInterfaceId');
  const named = Object.keys(setters).filter((name) => call.params.has(name));
  if (named.length === 0) throw invalidCombination('No attributes specified.');
  if (named.length > 1) throw invalidCombination(`Fields for multiple attribute types specified: ${named.join(', ')}`);
  for (const name of named) setters[name]?.(call, one);
  return { return: true };
};

/** Network interfaces. */
export const networkInterfaceOperations: Operations = {
  DescribeNetworkInterfaces: { run: describe },
  CreateNetworkInterface: { required: ['SubnetId'], targets: ['SubnetId'], makes: ['network-interface'], run: create },
  ModifyNetworkInterfaceAttribute: {
    required: ['NetworkInterfaceId'],
    targets: ['NetworkInterfaceId'],
    run: modify,
  },
  DeleteNetworkInterface: { required: ['NetworkInterfaceId'], targets: ['NetworkInterfaceId'], run: remove },
};
