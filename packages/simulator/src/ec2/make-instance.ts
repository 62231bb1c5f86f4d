import type { Image, Instance, MetadataOptions } from '../state/records.ts';
import { newThing, type Call } from '../wire/call.ts';
import { attach } from './attachments.ts';
import type { PlannedDevice } from './block-devices.ts';
import type { PlannedInterface } from './launch-network.ts';
import { makeInterface, pickAddress } from './make-network.ts';
import { makeVolume } from './make-volume.ts';
import type { InstanceType } from './type-catalogue.ts';

type Tags = ReadonlyMap<string, string>;

/** Everything decided about a launch. */
export type LaunchPlan = {
  readonly image: Image;
  readonly type: InstanceType;
  readonly devices: readonly PlannedDevice[];
  readonly interfaces: readonly PlannedInterface[];
  readonly reservationId: string;
  readonly keyName: string | undefined;
  readonly clientToken: string;
  readonly profileArn: string | undefined;
  readonly metadataOptions: MetadataOptions;
  readonly monitoring: boolean;
  readonly tenancy: string;
  readonly hostId: string | undefined;
  readonly placementGroup: string | undefined;
  readonly partitionNumber: number | undefined;
  readonly shutdownBehaviour: 'stop' | 'terminate';
  readonly protectedFromTermination: boolean;
  readonly protectedFromStop: boolean;
  readonly ebsOptimized: boolean;
  readonly userData: string | undefined;
  readonly hibernationConfigured: boolean;
  readonly enclaveEnabled: boolean;
  readonly cpuCredits: string | undefined;
  readonly cpu: { readonly cores: number; readonly threadsPerCore: number };
  readonly tags: { readonly instance: Tags; readonly volume: Tags; readonly networkInterface: Tags };
};

const addDisks = (call: Call, plan: LaunchPlan, instance: Instance): void => {
  const { attachMs } = call.world.settings.timing;
  for (const { device, ebs, snapshot, keyRefused } of plan.devices) {
    if (ebs === undefined) continue;
    const volume = makeVolume(call, {
      shape: {
        sizeGiB: ebs.sizeGiB,
        type: ebs.type,
        iops: ebs.iops,
        throughputMiBps: ebs.throughputMiBps,
        multiAttach: false,
      },
      zone: instance.zone,
      source: snapshot,
      encryption: { encrypted: ebs.encrypted, kmsKeyArn: ebs.kmsKeyArn, keyRefused },
      tags: plan.tags.volume,
      readyAtOnce: true,
    });
    attach(volume, instance, { device, at: call.now, attachMs, deleteOnTermination: ebs.deleteOnTermination });
  }
};

const addInterfaces = (call: Call, plan: LaunchPlan, instance: Instance): void => {
  for (const wish of plan.interfaces) {
    const made =
      wish.existing ??
      makeInterface(call, { ...wish, privateIps: addressesFor(call, wish), tags: plan.tags.networkInterface });
    made.attachment = {
      id: call.world.ids.id('eni-attach'),
      instanceId: instance.id,
      deviceIndex: wish.deviceIndex,
      at: call.now,
      deleteOnTermination: wish.deleteOnTermination,
      detachedAt: undefined,
    };
    instance.interfaceIds.push(made.id);
  }
};

const addressesFor = (call: Call, wish: PlannedInterface): readonly string[] => {
  const chosen = [...wish.privateIps];
  const wanted = Math.max(1, chosen.length) + wish.morePrivateIps;
  while (chosen.length < wanted) {
    const ip = pickAddress(call, wish.subnet);
    wish.subnet.addresses.set(ip, 'eni-taken');
    chosen.push(ip);
  }
  return chosen;
};

const firstStates = (call: Call, failed: boolean): Instance['states'] => {
  const { instanceStartMs } = call.world.settings.timing;
  const end = failed ? 'terminated' : 'running';
  return [
    { at: call.now, state: 'pending' },
    { at: call.now + instanceStartMs, state: end },
  ];
};

/** Makes one instance with its disks and network interfaces; it runs a moment later, or ends at once when a key cannot be used. */
export const makeInstance = (call: Call, plan: LaunchPlan, launchIndex: number): Instance => {
  const { image, type, interfaces } = plan;
  const [first] = interfaces;
  if (first === undefined) throw new Error('a launch needs a network interface');
  const failed =
    call.failWith !== undefined || image.startFailure !== undefined || plan.devices.some((device) => device.keyRefused);
  const instance: Instance = {
    ...newThing(call, call.world.ids.id('i'), plan.tags.instance),
    reservationId: plan.reservationId,
    launchIndex,
    imageId: image.id,
    type: type.name,
    zone: first.subnet.zone,
    subnetId: first.subnet.id,
    vpcId: first.subnet.vpcId,
    keyName: plan.keyName,
    clientToken: plan.clientToken,
    architecture: image.architecture,
    virtualizationType: image.virtualizationType,
    rootDeviceName: image.rootDeviceName,
    rootDeviceType: image.rootDeviceType,
    bootMode: image.bootMode,
    enaSupport: image.enaSupport,
    sriovNetSupport: image.sriovNetSupport,
    tpmSupport: image.tpmSupport,
    platform: image.platform,
    platformDetails: image.platformDetails,
    usageOperation: image.usageOperation,
    productCodes: image.productCodes,
    kernelId: call.params.text('KernelId') ?? image.kernelId,
    ramdiskId: call.params.text('RamdiskId') ?? image.ramdiskId,
    states: firstStates(call, failed),
    stateReason: failed
      ? { code: 'Client.InternalError', message: image.startFailure ?? 'Client.InternalError: Client error on launch' }
      : undefined,
    launchedAt: call.now,
    attachments: [],
    interfaceIds: [],
    profileArn: plan.profileArn,
    metadataOptions: plan.metadataOptions,
    monitoring: plan.monitoring,
    tenancy: plan.tenancy,
    placementGroup: plan.placementGroup,
    partitionNumber: plan.partitionNumber,
    hostId: plan.hostId,
    shutdownBehaviour: plan.shutdownBehaviour,
    protectedFromTermination: plan.protectedFromTermination,
    protectedFromStop: plan.protectedFromStop,
    ebsOptimized: plan.ebsOptimized,
    userData: plan.userData,
    hibernationConfigured: plan.hibernationConfigured,
    enclaveEnabled: plan.enclaveEnabled,
    cpuCredits: plan.cpuCredits,
    uefiData: image.uefiData,
    cpu: plan.cpu,
  };
  addInterfaces(call, plan, instance);
  addDisks(call, plan, instance);
  call.region.instances.set(instance.id, instance);
  if (failed) releaseAll(call, instance, call.now + call.world.settings.timing.instanceStartMs);
  return instance;
};

/** Frees what a terminated instance held: volumes and interfaces marked so are deleted with it, the others stay. */
export const releaseAll = (call: Call, instance: Instance, at: number): void => {
  const by = {
    ...instance.madeBy,
    action: call.action,
    requestId: call.requestId,
    at: call.now,
    accessKey: call.caller.credential.accessKeyId,
  };
  instance.deletedAt = at + call.world.settings.timing.terminatedVisibleMs;
  instance.deletedBy = by;
  for (const attachment of instance.attachments) {
    if (attachment.detachedAt !== undefined && attachment.detachedAt <= at) continue;
    attachment.detachedAt = at;
    const volume = call.region.volumes.get(attachment.volumeId);
    if (volume !== undefined && attachment.deleteOnTermination) {
      volume.deletedAt = at;
      volume.deletedBy = by;
    }
  }
  for (const id of instance.interfaceIds) {
    const own = call.region.networkInterfaces.get(id);
    if (own?.attachment === undefined) continue;
    own.attachment.detachedAt = at;
    if (!own.attachment.deleteOnTermination) continue;
    own.deletedAt = at;
    own.deletedBy = by;
  }
};
