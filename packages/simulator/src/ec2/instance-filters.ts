import { attachmentState, instanceState, liveAttachments, stateCodes } from '../state/lifecycle.ts';
import type { Address, Attachment, Instance, NetworkInterface } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { tagFilters, unmet, type FilterTable } from './filters.ts';
import { kinds, ownThings } from './kinds.ts';
import { currentBootMode, interfacesOf, isChecked, privateDns, publicDns, publicIpOf } from './show-instance.ts';

const disks = (instance: Instance, call: Call): readonly Attachment[] =>
  liveAttachments(instance.attachments, call.now);
const none = (): undefined => undefined;

const ofInterfaces =
  <T>(pick: (one: NetworkInterface, call: Call) => T) =>
  (instance: Instance, call: Call): readonly T[] =>
    interfacesOf(call, instance).map((one) => pick(one, call));

const publicIps = ofInterfaces((one, call) => publicIpOf(call, one)?.ip);
const groupIds = (instance: Instance, call: Call): readonly string[] =>
  interfacesOf(call, instance).flatMap((one) => one.groupIds);
const groupNames = (instance: Instance, call: Call) =>
  groupIds(instance, call).map((id) => call.region.securityGroups.get(id)?.name);
const privateIps = (instance: Instance, call: Call): readonly string[] =>
  interfacesOf(call, instance).flatMap((one) => one.privateIps);

const publicNames = ofInterfaces((one, call) => {
  const ip = publicIpOf(call, one)?.ip;
  return ip === undefined ? undefined : publicDns(call, ip);
});
const elasticOf =
  (pick: (address: Address) => string | undefined) =>
  (instance: Instance, call: Call): readonly (string | undefined)[] => {
    const ids = new Set(interfacesOf(call, instance).map((one) => one.id));
    return ownThings(call, kinds.address)
      .filter((address) => ids.has(address.interfaceId ?? ''))
      .map(pick);
  };
const allocationIds = elasticOf((address) => address.id);
const associationIds = elasticOf((address) => address.associationId);

const diskFilters: FilterTable<Instance> = {
  'block-device-mapping.attach-time': (instance, call) => disks(instance, call).map((one) => new Date(one.attachingAt)),
  'block-device-mapping.delete-on-termination': (instance, call) =>
    disks(instance, call).map((one) => one.deleteOnTermination),
  'block-device-mapping.device-name': (instance, call) => disks(instance, call).map((one) => one.device),
  'block-device-mapping.status': (instance, call) => disks(instance, call).map((one) => attachmentState(one, call.now)),
  'block-device-mapping.volume-id': (instance, call) => disks(instance, call).map((one) => one.volumeId),
};

const networkFilters: FilterTable<Instance> = {
  'network-interface.addresses.association.public-ip': publicIps,
  'network-interface.addresses.association.ip-owner-id': ofInterfaces((one, call) => publicIpOf(call, one)?.ownerId),
  'network-interface.addresses.association.allocation-id': allocationIds,
  'network-interface.addresses.association.association-id': associationIds,
  'network-interface.addresses.association.public-dns-name': publicNames,
  'network-interface.addresses.primary': () => true,
  'network-interface.addresses.private-dns-name': (instance, call) =>
    privateIps(instance, call).map((ip) => privateDns(call, ip)),
  'network-interface.addresses.private-ip-address': privateIps,
  'network-interface.association.public-ip': publicIps,
  'network-interface.association.ip-owner-id': ofInterfaces((one, call) => publicIpOf(call, one)?.ownerId),
  'network-interface.association.allocation-id': allocationIds,
  'network-interface.association.association-id': associationIds,
  'network-interface.association.public-dns-name': publicNames,
  'network-interface.attachment.attach-time': ofInterfaces((one) => new Date(one.attachment?.at ?? 0)),
  'network-interface.attachment.attachment-id': ofInterfaces((one) => one.attachment?.id),
  'network-interface.attachment.delete-on-termination': ofInterfaces((one) => one.attachment?.deleteOnTermination),
  'network-interface.attachment.device-index': ofInterfaces((one) => one.attachment?.deviceIndex),
  'network-interface.attachment.instance-id': (instance) => instance.id,
  'network-interface.attachment.instance-owner-id': (instance) => instance.ownerId,
  'network-interface.attachment.network-card-index': () => 0,
  'network-interface.attachment.status': () => 'attached',
  'network-interface.availability-zone': ofInterfaces((one) => one.zone),
  'network-interface.deny-all-igw-traffic': () => false,
  'network-interface.description': ofInterfaces((one) => one.description),
  'network-interface.group-id': groupIds,
  'network-interface.group-name': groupNames,
  'network-interface.ipv6-native': () => false,
  'network-interface.mac-address': ofInterfaces((one) => one.mac),
  'network-interface.network-interface-id': ofInterfaces((one) => one.id),
  'network-interface.operator.managed': () => false,
  'network-interface.owner-id': ofInterfaces((one) => one.ownerId),
  'network-interface.private-dns-name': ofInterfaces((one, call) => privateDns(call, one.privateIps[0])),
  'network-interface.private-ip-address': ofInterfaces((one) => one.privateIps[0]),
  'network-interface.public-dns-name': publicNames,
  'network-interface.requester-managed': () => false,
  'network-interface.source-dest-check': ofInterfaces((one) => one.sourceDestCheck),
  'network-interface.status': () => 'in-use',
  'network-interface.subnet-id': ofInterfaces((one) => one.subnetId),
  'network-interface.tag-key': (instance, call) => interfacesOf(call, instance).flatMap((one) => [...one.tags.keys()]),
  'network-interface.tag-value': (instance, call) =>
    interfacesOf(call, instance).flatMap((one) => [...one.tags.values()]),
  'network-interface.vpc-id': ofInterfaces((one) => one.vpcId),
};

const rareFilters = unmet(
  'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id',
  'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn',
  'network-interface.addresses.association.carrier-ip',
  'network-interface.addresses.association.customer-owned-ip',
  'network-interface.association.carrier-ip',
  'network-interface.association.customer-owned-ip',
  'network-interface.ipv4-prefixes.ipv4-prefix',
  'network-interface.ipv6-address',
  'network-interface.ipv6-addresses.ipv6-address',
  'network-interface.ipv6-addresses.is-primary-ipv6',
  'network-interface.ipv6-prefixes.ipv6-prefix',
  'network-interface.operator.principal',
  'network-interface.outpost-arn',
  'network-interface.requester-id',
);

const optionFilters: FilterTable<Instance> = {
  'metadata-options.http-endpoint': (instance) => instance.metadataOptions.httpEndpoint,
  'metadata-options.http-protocol-ipv4': () => 'enabled',
  'metadata-options.http-protocol-ipv6': (instance) => instance.metadataOptions.httpProtocolIpv6,
  'metadata-options.http-put-response-hop-limit': (instance) => instance.metadataOptions.hopLimit,
  'metadata-options.http-tokens': (instance) => instance.metadataOptions.httpTokens,
  'metadata-options.instance-metadata-tags': (instance) => instance.metadataOptions.instanceTags,
  'metadata-options.state': () => 'applied',
  'maintenance-options.auto-recovery': () => 'default',
  'private-dns-name-options.hostname-type': () => 'ip-name',
  'private-dns-name-options.enable-resource-name-dns-a-record': () => false,
  'private-dns-name-options.enable-resource-name-dns-aaaa-record': () => false,
  'hibernation-options.configured': (instance) => instance.hibernationConfigured,
  'enclave-options.enabled': (instance) => instance.enclaveEnabled,
  'capacity-reservation-specification.capacity-reservation-preference': () => 'open',
  'network-performance-options.bandwidth-weighting': () => 'default',
};

/** The filters of DescribeInstances (EC2 API Reference). */
export const instanceFilters: FilterTable<Instance> = {
  ...tagFilters,
  ...diskFilters,
  ...networkFilters,
  ...optionFilters,
  ...rareFilters,
  affinity: none,
  architecture: (instance) => instance.architecture,
  'availability-zone': (instance) => instance.zone,
  'availability-zone-id': (instance, call) => call.region.zones.find((zone) => zone.name === instance.zone)?.id,
  'boot-mode': (instance) => instance.bootMode,
  'capacity-reservation-id': none,
  'client-token': (instance) => instance.clientToken,
  'current-instance-boot-mode': currentBootMode,
  'dns-name': (instance, call) =>
    publicIps(instance, call).map((ip) => (ip === undefined ? undefined : publicDns(call, ip))),
  'ebs-optimized': (instance) => instance.ebsOptimized,
  'ena-support': (instance) => instance.enaSupport,
  'group-id': groupIds,
  'group-name': groupNames,
  'host-id': (instance) => instance.hostId,
  hypervisor: () => 'xen',
  'iam-instance-profile.arn': (instance) => instance.profileArn,
  'iam-instance-profile.id': none,
  'image-id': (instance) => instance.imageId,
  'instance-id': (instance) => instance.id,
  'instance-lifecycle': none,
  'instance-state-code': (instance, call) => stateCodes[instanceState(instance, call.now)],
  'instance-state-name': (instance, call) => instanceState(instance, call.now),
  'instance-type': (instance) => instance.type,
  'instance.group-id': groupIds,
  'instance.group-name': groupNames,
  'ip-address': publicIps,
  'ipv6-address': none,
  'kernel-id': (instance) => instance.kernelId,
  'key-name': (instance) => instance.keyName,
  'launch-index': (instance) => instance.launchIndex,
  'launch-time': (instance) => new Date(instance.launchedAt),
  'monitoring-state': (instance) => (instance.monitoring ? 'enabled' : 'disabled'),
  'operator.managed': () => false,
  'operator.principal': none,
  'outpost-arn': none,
  'owner-id': (instance) => instance.ownerId,
  'placement-group-name': (instance) => instance.placementGroup,
  'placement-partition-number': (instance) => instance.partitionNumber,
  platform: (instance) => (instance.platform === undefined ? undefined : 'windows'),
  'platform-details': (instance) => instance.platformDetails,
  'private-dns-name': (instance, call) =>
    privateIps(instance, call)
      .slice(0, 1)
      .map((ip) => privateDns(call, ip)),
  'private-ip-address': (instance, call) => privateIps(instance, call)[0],
  'product-code': none,
  'product-code.type': none,
  'ramdisk-id': (instance) => instance.ramdiskId,
  reason: none,
  'requester-id': none,
  'reservation-id': (instance) => instance.reservationId,
  'root-device-name': (instance) => instance.rootDeviceName,
  'root-device-type': (instance) => instance.rootDeviceType,
  'source-dest-check': (instance, call) => isChecked(call, instance),
  'spot-instance-request-id': none,
  'state-reason-code': (instance) => instance.stateReason?.code,
  'state-reason-message': (instance) => instance.stateReason?.message,
  'subnet-id': (instance) => instance.subnetId,
  tenancy: (instance) => instance.tenancy,
  'tpm-support': (instance) => instance.tpmSupport,
  'usage-operation': (instance) => instance.usageOperation,
  'usage-operation-update-time': (instance) => new Date(instance.createdAt),
  'virtualization-type': (instance) => instance.virtualizationType,
  'vpc-id': (instance) => instance.vpcId,
};
