import { attachmentState, instanceState, liveAttachments, stateCodes } from '../state/lifecycle.ts';
import type { Instance, InstanceState, NetworkInterface } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { tagSet } from './tag-rules.ts';
import { showProductCodes } from './make-image.ts';
import { typeNamed } from './type-catalogue.ts';

export const showState = (state: InstanceState): Reply => ({ code: stateCodes[state], name: state });

export const showGroups = (call: Call, ids: readonly string[]): Reply[] =>
  ids.map((groupId) => ({ groupId, groupName: call.region.securityGroups.get(groupId)?.name }));

export const privateDns = (call: Call, ip: string | undefined): string => {
  const domain = call.region.name === 'us-east-1' ? 'ec2.internal' : `${call.region.name}.compute.internal`;
  return ip === undefined ? '' : `ip-${ip.replaceAll('.', '-')}.${domain}`;
};

export const publicDns = (call: Call, ip: string | undefined): string => {
  const domain = call.region.name === 'us-east-1' ? 'compute-1' : `${call.region.name}.compute`;
  return ip === undefined ? '' : `ec2-${ip.replaceAll('.', '-')}.${domain}.amazonaws.com`;
};

/** The public address of an interface now: an automatic one goes while its instance is stopped, an Elastic IP stays. */
export const publicIpOf = (
  call: Call,
  one: NetworkInterface,
): { readonly ip: string; readonly ownerId: string } | undefined => {
  const elastic = [...call.region.addresses.values()].find(
    (address) => address.interfaceId === one.id && address.deletedAt === undefined,
  );
  if (elastic !== undefined) return { ip: elastic.publicIp, ownerId: elastic.ownerId };
  const instance = one.attachment === undefined ? undefined : call.region.instances.get(one.attachment.instanceId);
  const state = instance === undefined ? 'stopped' : instanceState(instance, call.now);
  if (one.publicIp === undefined || ['stopped', 'terminated'].includes(state)) return undefined;
  return { ip: one.publicIp, ownerId: 'amazon' };
};

const association = (call: Call, one: NetworkInterface): Reply | undefined => {
  const found = publicIpOf(call, one);
  return found && { publicIp: found.ip, ipOwnerId: found.ownerId, publicDnsName: publicDns(call, found.ip) };
};

const showInterface = (call: Call, one: NetworkInterface): Reply => ({
  networkInterfaceId: one.id,
  subnetId: one.subnetId,
  vpcId: one.vpcId,
  description: one.description,
  ownerId: one.ownerId,
  status: 'in-use',
  macAddress: one.mac,
  privateIpAddress: one.privateIps[0],
  privateDnsName: privateDns(call, one.privateIps[0]),
  sourceDestCheck: one.sourceDestCheck,
  interfaceType: 'interface',
  groupSet: showGroups(call, one.groupIds),
  ipv6AddressesSet: [],
  attachment: one.attachment && {
    attachmentId: one.attachment.id,
    deviceIndex: one.attachment.deviceIndex,
    status: 'attached',
    attachTime: new Date(one.attachment.at),
    deleteOnTermination: one.attachment.deleteOnTermination,
    networkCardIndex: 0,
  },
  association: association(call, one),
  operator: { managed: false },
  privateIpAddressesSet: one.privateIps.map((ip, at) => ({
    privateIpAddress: ip,
    privateDnsName: privateDns(call, ip),
    primary: at === 0,
    association: at === 0 ? association(call, one) : undefined,
  })),
});

/** The disks of an instance as DescribeInstances and DescribeInstanceAttribute list them. */
export const showDisks = (call: Call, instance: Instance): Reply[] =>
  liveAttachments(instance.attachments, call.now).map((attachment) => ({
    deviceName: attachment.device,
    ebs: {
      volumeId: attachment.volumeId,
      status: attachmentState(attachment, call.now),
      attachTime: new Date(attachment.attachingAt),
      deleteOnTermination: attachment.deleteOnTermination,
    },
  }));

export const showMetadataOptions = ({ metadataOptions: options }: Instance): Reply => ({
  state: 'applied',
  httpTokens: options.httpTokens,
  httpPutResponseHopLimit: options.hopLimit,
  httpEndpoint: options.httpEndpoint,
  httpProtocolIpv6: options.httpProtocolIpv6,
  instanceMetadataTags: options.instanceTags,
});

/** The interfaces that an instance still has, first one first. */
export const interfacesOf = (call: Call, instance: Instance): NetworkInterface[] =>
  instance.interfaceIds
    .flatMap((id) => call.region.networkInterfaces.get(id) ?? [])
    .filter(
      ({ attachment }) =>
        attachment?.instanceId === instance.id &&
        (attachment.detachedAt === undefined || attachment.detachedAt > call.now),
    );

const stateReason = (instance: Instance, state: InstanceState): Reply | undefined => {
  if (state === 'pending') return { code: 'pending', message: 'pending' };
  const shown = instance.stateReason !== undefined && state !== 'running';
  return shown ? { code: instance.stateReason?.code, message: instance.stateReason?.message } : undefined;
};

const placement = (call: Call, instance: Instance): Reply => ({
  availabilityZone: instance.zone,
  availabilityZoneId: call.region.zones.find((zone) => zone.name === instance.zone)?.id,
  groupName: instance.placementGroup ?? '',
  partitionNumber: instance.partitionNumber,
  tenancy: instance.tenancy,
  hostId: instance.hostId,
});

/** Whether the first of its interfaces takes only what is its own: what AWS tells of the instance itself. */
export const isChecked = (call: Call, instance: Instance): boolean =>
  interfacesOf(call, instance)[0]?.sourceDestCheck ?? true;

const network = (call: Call, instance: Instance): Reply => {
  const interfaces = interfacesOf(call, instance);
  const [first] = interfaces;
  if (first === undefined) return { privateDnsName: '', dnsName: '', networkInterfaceSet: [], groupSet: [] };
  const found = publicIpOf(call, first);
  return {
    privateDnsName: privateDns(call, first.privateIps[0]),
    dnsName: publicDns(call, found?.ip),
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    privateIpAddress: first.privateIps[0],
    ipAddress: found?.ip,
    sourceDestCheck: first.sourceDestCheck,
    groupSet: showGroups(call, first.groupIds),
    networkInterfaceSet: interfaces.map((one) => showInterface(call, one)),
  };
};

/** The firmware an instance boots with on the type it has. */
export const currentBootMode = (instance: Instance): string => {
  if (instance.bootMode === 'uefi-preferred')
    return typeNamed(instance.type)?.bootModes.includes('uefi') === true ? 'uefi' : 'legacy-bios';
  return instance.bootMode ?? (instance.architecture === 'arm64' ? 'uefi' : 'legacy-bios');
};

/** An instance as RunInstances and DescribeInstances show it. */
export const showInstance = (call: Call, instance: Instance): Reply => {
  const state = instanceState(instance, call.now);
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: showState(state),
    reason:
      state === 'pending' || stateReason(instance, state) === undefined
        ? ''
        : `User initiated (${new Date(instance.states.at(-1)?.at ?? 0).toISOString().slice(0, 19).replace('T', ' ')} GMT)`,
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: showProductCodes(instance.productCodes),
    instanceType: instance.type,
    launchTime: new Date(instance.launchedAt),
    placement: placement(call, instance),
    kernelId: instance.kernelId,
    ramdiskId: instance.ramdiskId,
    platform: instance.platform === undefined ? undefined : 'windows',
    monitoring: { state: instance.monitoring ? 'enabled' : 'disabled' },
    ...network(call, instance),
    stateReason: stateReason(instance, state),
    architecture: instance.architecture,
    rootDeviceType: instance.rootDeviceType,
    rootDeviceName: instance.rootDeviceName,
    blockDeviceMapping: showDisks(call, instance),
    virtualizationType: instance.virtualizationType,
    clientToken: instance.clientToken,
    tagSet: tagSet(call, instance),
    hypervisor: 'xen',
    iamInstanceProfile:
      instance.profileArn === undefined
        ? undefined
        : { arn: instance.profileArn, id: profileId(call, instance.profileArn) },
    ebsOptimized: instance.ebsOptimized,
    enaSupport: instance.enaSupport,
    sriovNetSupport: instance.sriovNetSupport,
    cpuOptions: { coreCount: instance.cpu.cores, threadsPerCore: instance.cpu.threadsPerCore },
    capacityReservationSpecification: { capacityReservationPreference: 'open' },
    hibernationOptions: { configured: instance.hibernationConfigured },
    metadataOptions: showMetadataOptions(instance),
    enclaveOptions: { enabled: instance.enclaveEnabled },
    bootMode: instance.bootMode,
    currentInstanceBootMode: currentBootMode(instance),
    tpmSupport: instance.tpmSupport,
    platformDetails: instance.platformDetails,
    usageOperation: instance.usageOperation,
    usageOperationUpdateTime: new Date(instance.createdAt),
    privateDnsNameOptions: {
      hostnameType: 'ip-name',
      enableResourceNameDnsARecord: false,
      enableResourceNameDnsAAAARecord: false,
    },
    maintenanceOptions: { autoRecovery: 'default' },
    networkPerformanceOptions: { bandwidthWeighting: 'default' },
    operator: { managed: false },
  };
};

const profileId = (call: Call, arn: string): string | undefined =>
  [...call.caller.account.instanceProfiles.values()].find((profile) => profile.arn === arn)?.id;

/** A reservation with these instances of it. */
export const showReservation = (call: Call, instances: readonly Instance[]): Reply => ({
  reservationId: instances[0]?.reservationId,
  ownerId: instances[0]?.ownerId,
  groupSet: [],
  instancesSet: instances.map((instance) => showInstance(call, instance)),
});
