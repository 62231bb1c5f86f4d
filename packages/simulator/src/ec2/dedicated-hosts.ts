import type { DedicatedHost } from '../state/records.ts';
import { madeBy, newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';
import { describeThings } from './describe.ts';
import { tagFilters, type FilterTable } from './filters.ts';
import { checkForm, find, kinds, ownThings } from './kinds.ts';
import { typeFor } from './launch-rules.ts';
import type { Operations } from './operation.ts';
import { requestedTags, tagSet } from './tag-rules.ts';

const zoneFor = (call: Call): string => {
  const name = call.params.requiredText('AvailabilityZone');
  if (!call.region.zones.some((zone) => zone.name === name)) throw invalidValue(name, 'availabilityZone');
  return name;
};

const allocate = (call: Call): Reply => {
  const quantity = call.params.integer('Quantity') ?? 1;
  if (quantity < 1) throw invalidValue(quantity, 'quantity');
  const type = typeFor(call.params.requiredText('InstanceType'));
  if (type.burstable)
    throw invalidCombination(`The instance type '${type.name}' is not supported on a Dedicated Host.`);
  const zone = zoneFor(call);
  const hosts = Array.from({ length: quantity }, (): DedicatedHost => ({
    ...newThing(call, call.world.ids.id('h'), requestedTags(call, 'dedicated-host')),
    zone,
    instanceType: type.name,
    autoPlacement: call.params.text('AutoPlacement') ?? 'on',
  }));
  for (const host of hosts) call.region.hosts.set(host.id, host);
  return { hostIdSet: hosts.map(({ id }) => id) };
};

const filters: FilterTable<DedicatedHost> = {
  ...tagFilters,
  'auto-placement': (host) => host.autoPlacement,
  'availability-zone': (host) => host.zone,
  'client-token': () => undefined,
  'host-reservation-id': () => undefined,
  'instance-type': (host) => host.instanceType,
  state: () => 'available',
};

const show = (call: Call, host: DedicatedHost): Reply => ({
  hostId: host.id,
  autoPlacement: host.autoPlacement,
  availabilityZone: host.zone,
  allocationTime: new Date(host.createdAt),
  allowsMultipleInstanceTypes: 'off',
  hostProperties: { instanceType: host.instanceType, cores: 48, sockets: 2, totalVCpus: 96 },
  hostRecovery: 'off',
  ownerId: host.ownerId,
  state: 'available',
  tagSet: tagSet(call, host),
});

const describe = (call: Call): Reply => {
  const { shown, nextToken } = describeThings(call, {
    things: ownThings(call, kinds.host),
    kind: kinds.host,
    idParameter: 'HostId',
    wireName: 'hostIdSet',
    filters,
  });
  return { hostSet: shown.map((host) => show(call, host)), nextToken };
};

const release = (call: Call): Reply => {
  const ids = call.params.texts('HostId');
  for (const id of ids) {
    checkForm(kinds.host, id, 'HostId');
    const host = find(call, kinds.host, id);
    host.deletedAt = call.now;
    host.deletedBy = madeBy(call);
  }
  return { successful: ids, unsuccessful: [] };
};

/** Refuses a host that the account has not, or that stands in another zone than the instance is to. */
export const checkHost = (call: Call, hostId: string | undefined, zone: string | undefined): void => {
  if (hostId === undefined) return;
  checkForm(kinds.host, hostId, 'HostId');
  const host = find(call, kinds.host, hostId);
  if (zone !== undefined && host.zone !== zone)
    throw awsError('InvalidParameterCombination', `The host '${hostId}' is not in the Availability Zone '${zone}'.`);
};

/** Dedicated hosts: allocated, listed, released. */
export const dedicatedHostOperations: Operations = {
  AllocateHosts: {
    required: ['AvailabilityZone'],
    makes: ['dedicated-host'],
    run: allocate,
    repeat: (_, first) => first,
  },
  DescribeHosts: { run: describe },
  ReleaseHosts: { required: ['HostId'], targets: ['HostId'], run: release },
};
