import type { Address } from '../state/records.ts';
import { madeBy, newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, missingParameter } from '../wire/errors.ts';
import { applyFilters, tagFilters, type FilterTable } from './filters.ts';
import { checkForm, find, findById, kinds, notFound, ownThings } from './kinds.ts';
import { newPublicIp } from './make-network.ts';
import type { Operations } from './operation.ts';
import { interfacesOf } from './show-instance.ts';
import { requestedTags, tagSet } from './tag-rules.ts';

const show = (call: Call, address: Address): Reply => {
  const own = address.interfaceId === undefined ? undefined : call.region.networkInterfaces.get(address.interfaceId);
  return {
    publicIp: address.publicIp,
    allocationId: address.id,
    domain: 'vpc',
    instanceId: own?.attachment?.instanceId ?? '',
    associationId: address.associationId,
    networkInterfaceId: address.interfaceId,
    networkInterfaceOwnerId: own?.ownerId,
    privateIpAddress: address.privateIp,
    publicIpv4Pool: 'amazon',
    networkBorderGroup: call.region.name,
    tagSet: tagSet(call, address),
  };
};

const allocate = (call: Call): Reply => {
  const address: Address = {
    ...newThing(call, call.world.ids.id('eipalloc'), requestedTags(call, 'elastic-ip')),
    publicIp: newPublicIp(call),
    associationId: undefined,
    interfaceId: undefined,
    privateIp: undefined,
  };
  call.region.addresses.set(address.id, address);
  return {
    publicIp: address.publicIp,
    allocationId: address.id,
    domain: 'vpc',
    publicIpv4Pool: 'amazon',
    networkBorderGroup: call.region.name,
  };
};

const named = (call: Call): Address => {
  if (call.params.has('AllocationId')) return findById(call, kinds.address, 'AllocationId');
  const ip = call.params.text('PublicIp');
  if (ip === undefined) throw missingParameter('AllocationId');
  const address = ownThings(call, kinds.address).find((one) => one.publicIp === ip);
  if (address === undefined) throw awsError('InvalidAddress.NotFound', `Address '${ip}' not found.`);
  return address;
};

const associate = (call: Call): Reply => {
  const address = named(call);
  const instanceId = call.params.text('InstanceId');
  const interfaceId =
    call.params.text('NetworkInterfaceId') ??
    (instanceId === undefined ? undefined : interfacesOf(call, find(call, kinds.instance, instanceId))[0]?.id);
  if (interfaceId === undefined)
    throw awsError('MissingParameter', 'Either instance ID or network interface id must be specified');
  const target = find(call, kinds.networkInterface, interfaceId);
  const reassociate = call.params.flag('AllowReassociation') ?? true;
  if (!reassociate && address.associationId !== undefined)
    throw awsError(
      'Resource.AlreadyAssociated',
      `resource ${address.id} is already associated with associate-id ${address.associationId}`,
    );
  address.interfaceId = target.id;
  address.privateIp = call.params.text('PrivateIpAddress') ?? target.privateIps[0];
  address.associationId = call.world.ids.id('eipassoc');
  return { return: true, associationId: address.associationId };
};

const release = (address: Address): void => {
  address.associationId = undefined;
  address.interfaceId = undefined;
  address.privateIp = undefined;
};

const disassociate = (call: Call): Reply => {
  const id = call.params.text('AssociationId');
  const ip = call.params.text('PublicIp');
  const address = ownThings(call, kinds.address).find((one) =>
    id === undefined ? one.publicIp === ip : one.associationId === id,
  );
  if (address === undefined)
    throw awsError('InvalidAssociationID.NotFound', `The association ID '${id ?? ip ?? ''}' does not exist`);
  release(address);
  return { return: true };
};

const releaseAddress = (call: Call): Reply => {
  const address = named(call);
  if (address.associationId !== undefined)
    throw awsError('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`);
  address.deletedAt = call.now;
  address.deletedBy = madeBy(call);
  return { return: true };
};

const instanceOf = (address: Address, call: Call): string | undefined =>
  call.region.networkInterfaces.get(address.interfaceId ?? '')?.attachment?.instanceId;

const filters: FilterTable<Address> = {
  ...tagFilters,
  'allocation-id': (address) => address.id,
  'association-id': (address) => address.associationId,
  domain: () => 'vpc',
  'instance-id': instanceOf,
  'network-border-group': (_, call) => call.region.name,
  'network-interface-id': (address) => address.interfaceId,
  'network-interface-owner-id': (address) => (address.interfaceId === undefined ? undefined : address.ownerId),
  'private-ip-address': (address) => address.privateIp,
  'public-ip': (address) => address.publicIp,
};

const describe = (call: Call): Reply => {
  const ids = call.params.texts('AllocationId');
  const ips = call.params.texts('PublicIp');
  const own = ownThings(call, kinds.address);
  for (const id of ids) {
    checkForm(kinds.address, id, 'AllocationId');
    if (!own.some((address) => address.id === id)) throw notFound(kinds.address, id);
  }
  const unknown = ips.find((ip) => !own.some((address) => address.publicIp === ip));
  if (unknown !== undefined) throw awsError('InvalidAddress.NotFound', `Address '${unknown}' not found.`);
  const chosen = own.filter(
    (address) => (ids.length === 0 || ids.includes(address.id)) && (ips.length === 0 || ips.includes(address.publicIp)),
  );
  return { addressesSet: applyFilters(call, chosen, filters).map((address) => show(call, address)) };
};

/** Elastic IP addresses. */
export const addressOperations: Operations = {
  AllocateAddress: { makes: ['elastic-ip'], run: allocate },
  AssociateAddress: { targets: ['AllocationId', 'InstanceId', 'NetworkInterfaceId'], run: associate },
  DisassociateAddress: { run: disassociate },
  ReleaseAddress: { targets: ['AllocationId'], run: releaseAddress },
  DescribeAddresses: { run: describe },
};
