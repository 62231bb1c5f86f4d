import { isEc2Id } from '../aws-names.ts';
import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { SystemNeeds } from './instance-type-facts.ts';
import type { ImagePlan, InstancePlan, InstanceRequest, LaunchPlan } from './instance-recovery.ts';
import { chooseLaunchSource } from './launch-source.ts';
import type { ChosenSource } from './launch-source.ts';
import { launchLosses } from './launch-support.ts';
import { planBlockDevices } from './plan-block-devices.ts';
import type { PlannedDevices } from './plan-block-devices.ts';
import { atRootOfImage, planExistingImage, planSwap } from './plan-existing-image.ts';
import { planEphemeral } from './plan-ephemeral.ts';
import { checkInstanceType, instanceTypeOf } from './plan-instance-type.ts';
import { planNetwork } from './plan-network.ts';
import type { PlannedNetwork } from './plan-network.ts';
import { planPlacement } from './plan-placement.ts';
import { planSystem, systemOfImage } from './plan-system.ts';
import type { PlannedSystem } from './plan-system.ts';
import type { Planned } from './recoverable-volume.ts';

export const MOST_INSTANCES = 100;
/** EC2 User Guide, "Run commands at launch": 16 KiB before encoding. */
const MOST_USER_DATA_BYTES = 16 * 1024;
const PROFILE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:instance-profile\/[\w+=,.@/-]{1,512}$/;
const IMAGE_NAME = /^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Plans an instance (REC-3, REC-4, REC-6, REC-9) from its root snapshot, through RegisterImage, or from an image that is
 * there; then RunInstances with the data volumes mapped at launch. Finds all logical errors before anything is made.
 */
export function planInstance(asked: InstanceRequest): Planned<InstancePlan> {
  const system = planSystem(asked.configuration, asked.choice);
  const request = { ...asked, configuration: system.configuration };
  const source = chooseLaunchSource(request);
  if (source.errors.length > 0) return { ok: false, errors: source.errors };
  return source.launchFrom === 'snapshot'
    ? planFromSnapshot(request, system, source.warnings)
    : planFromImage(atRootOfImage(asked), source);
}

function planFromSnapshot(
  request: InstanceRequest,
  system: PlannedSystem,
  sourceNotes: readonly string[],
): Planned<InstancePlan> {
  const notes = [...sourceNotes, ...system.warnings];
  const imageHandling = request.choice.imageHandling ?? 'deregister';
  const devices = planBlockDevices(request);
  const image = planImage(request, devices);
  const nameErrors = validateImageName(request.imageName);
  if (imageHandling === 'create-only') {
    const errors = [...nameErrors, ...system.errors, ...devices.errors];
    if (image === null || errors.length > 0) return { ok: false, errors };
    const plan = { imageHandling, image, existing: null, launch: null };
    return { ok: true, plan, warnings: [...notes, ...devices.warnings] };
  }
  const { root } = devices;
  // The root's own key is for the launch to say; the image has that of the snapshot.
  const rootVolume = root === null || root.kmsKeyId === null ? null : root;
  const placed = placeLaunch(request, { devices, rootVolume, system: request.configuration });
  const errors = [...nameErrors, ...system.errors, ...placed.errors];
  if (image === null || errors.length > 0) return { ok: false, errors };
  const plan = { imageHandling, image, existing: null, launch: placed.launch };
  return { ok: true, plan, warnings: [...notes, ...placed.warnings] };
}

function planFromImage(request: InstanceRequest, source: ChosenSource): Planned<InstancePlan> {
  const isForSwap = source.launchFrom === 'image-then-swap';
  const devices = planBlockDevices(request, isForSwap ? 'snapshot' : 'image');
  const { existing, ...checked } = planExistingImage(request, { devices, isForSwap });
  const ofImage = systemOfImage(request);
  // An image that is refused is not judged once more by the type that it does not suit.
  const system = checked.errors.length > 0 ? request.configuration : ofImage.configuration;
  const placed = placeLaunch(request, { devices, rootVolume: null, system });
  const errors = [...checked.errors, ...ofImage.errors, ...placed.errors];
  if (errors.length > 0) return { ok: false, errors };
  const { kernelId = null, ramdiskId = null } = request.choice;
  const launch = { ...placed.launch, kernelId, ramdiskId };
  const swapped = isForSwap ? planSwap(request, { existing, launch, devices }) : { existing, launch, warnings: [] };
  const plan = {
    imageHandling: 'deregister',
    image: null,
    existing: swapped.existing,
    launch: swapped.launch,
  } as const;
  return {
    ok: true,
    plan,
    warnings: [...source.warnings, ...checked.warnings, ...swapped.warnings, ...placed.warnings],
  };
}

type PlacedLaunch = {
  readonly launch: LaunchPlan;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

type LaunchParts = {
  readonly devices: PlannedDevices;
  readonly rootVolume: LaunchPlan['rootVolume'];
  /** What is to start on the instance type. */
  readonly system: SystemNeeds;
};

/** Everything of a launch but what it boots from. */
function placeLaunch(request: InstanceRequest, { devices, rootVolume, system }: LaunchParts): PlacedLaunch {
  const network = planNetwork(request);
  const isPlaced = network.errors.every(({ path }) => path !== 'zone' && path !== 'subnetId');
  const type = checkInstanceType(request, system, isPlaced ? network.zone : null);
  const placed = planPlacement(request, network.zone);
  const volumes = [...(devices.root === null ? [] : [devices.root]), ...devices.data];
  const ephemeral = planEphemeral(
    request,
    volumes.map(({ deviceName }) => deviceName),
  );
  const parts = [devices, network, type, placed, ephemeral];
  const errors = [...parts.flatMap((part) => part.errors), ...validateChoice(request)];
  const tags = withSourceTags(request.ownTags, request.choice.preserveTags === false ? [] : request.configuration.tags);
  const { placement } = placed;
  const instanceTags = tags.tags;
  const launch = planLaunch(request, {
    devices,
    rootVolume,
    network,
    placement,
    instanceTags,
    ephemeral: ephemeral.mappings,
  });
  const dropped = tags.dropped.length === 0 ? [] : [`no room for the tags ${tags.dropped.join(', ')} of the instance`];
  const warnings = [...parts.flatMap((part) => part.warnings), ...dropped, ...launchLosses(request.configuration)];
  return { launch, errors, warnings };
}

function planImage({ configuration, imageName, ownTags }: InstanceRequest, { root }: PlannedDevices): ImagePlan | null {
  const { architecture, virtualizationType, instanceId } = configuration;
  if (root === null) return null;
  const isParavirtual = virtualizationType === 'paravirtual';
  // ARM machines know no other; a wrong or missing boot mode makes an image that never starts.
  const bootMode = architecture === 'arm64' ? 'uefi' : configuration.bootMode;
  const isUefi = bootMode === 'uefi' || bootMode === 'uefi-preferred';
  return {
    name: imageName,
    description: `CPM recovery of ${instanceId}`,
    architecture,
    virtualizationType,
    rootDeviceName: root.deviceName,
    rootVolume: root,
    isEnaSupported: configuration.isEnaSupported,
    sriovNetSupport: configuration.sriovNetSupport,
    bootMode: isParavirtual ? null : bootMode,
    tpmSupport: isUefi ? configuration.tpmSupport : null,
    uefiData: isUefi ? configuration.uefiData : null,
    kernelId: isParavirtual ? configuration.kernelId : null,
    ramdiskId: isParavirtual ? configuration.ramdiskId : null,
    tags: ownTags,
    billing: { platformDetails: configuration.platformDetails, usageOperation: configuration.usageOperation },
  };
}

function planLaunch(
  { configuration, choice, offer, ownTags }: InstanceRequest,
  parts: Pick<LaunchPlan, 'rootVolume' | 'placement' | 'ephemeral' | 'instanceTags'> & {
    readonly devices: PlannedDevices;
    readonly network: PlannedNetwork;
  },
): LaunchPlan {
  const instanceType = instanceTypeOf({ configuration, choice });
  const isSameType = instanceType === configuration.instanceType;
  return {
    count: choice.count ?? 1,
    instanceType,
    keyName: choice.keyName === undefined ? configuration.keyName : choice.keyName,
    network: parts.network.network,
    placement: parts.placement,
    dataVolumes: parts.devices.data,
    rootVolume: parts.rootVolume,
    ephemeral: parts.ephemeral,
    // Those of an image that CPM registers are in the image.
    kernelId: null,
    ramdiskId: null,
    instanceProfileArn:
      choice.instanceProfileArn === undefined ? configuration.instanceProfileArn : choice.instanceProfileArn,
    userDataBase64: choice.userDataBase64 === undefined ? configuration.userDataBase64 : choice.userDataBase64,
    isMonitored: choice.isMonitored ?? configuration.isMonitored,
    isEbsOptimized: choice.isEbsOptimized ?? (isSameType ? configuration.isEbsOptimized : null),
    shutdownBehavior: choice.shutdownBehavior ?? configuration.shutdownBehavior,
    isTerminationProtected: choice.isTerminationProtected ?? configuration.isTerminationProtected,
    isStopProtected: configuration.isStopProtected,
    isHibernationConfigured: isSameType && configuration.isHibernationConfigured,
    isEnclaveEnabled: isSameType && configuration.isEnclaveEnabled,
    // Cores and credits belong to the type: another type refuses them.
    cpuOptions: isSameType ? chosenCpu(configuration.cpuOptions, offer.instanceType) : null,
    cpuCredits: isSameType ? configuration.cpuCredits : null,
    metadataOptions: planMetadata(configuration.metadataOptions, choice.requiresImdsV2),
    instanceTags: parts.instanceTags,
    ownTags,
    volumeTags: parts.devices.tags,
  };
}

/** Cores and threads where somebody had chosen them: what is the type's own is not asked for, some types refuse the question. */
function chosenCpu(
  recorded: LaunchPlan['cpuOptions'],
  facts: InstanceRequest['offer']['instanceType'],
): LaunchPlan['cpuOptions'] {
  if (recorded === null || facts === null || facts === 'untold' || facts.defaultCpu === null) return recorded;
  const { coreCount, threadsPerCore } = facts.defaultCpu;
  return coreCount === recorded.coreCount && threadsPerCore === recorded.threadsPerCore ? null : recorded;
}

/** The options of the metadata service as recorded, with the token required or not as asked. */
function planMetadata(
  recorded: InstanceConfiguration['metadataOptions'],
  requiresToken: boolean | undefined,
): LaunchPlan['metadataOptions'] {
  if (requiresToken === undefined) return recorded;
  const nothing = { httpEndpoint: null, httpPutResponseHopLimit: null, instanceMetadataTags: null };
  return { ...nothing, ...recorded, httpTokens: requiresToken ? 'required' : 'optional' };
}

function validateImageName(imageName: string): FieldError[] {
  return IMAGE_NAME.test(imageName) ? [] : [{ path: 'imageName', message: 'is no name that AWS takes for an image' }];
}

function validateChoice({ choice, configuration, offer }: InstanceRequest): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (path: string, message: string): number => errors.push({ path, message });
  const count = choice.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > MOST_INSTANCES)
    refuse('count', `must be a whole number from 1 to ${MOST_INSTANCES}`);
  const keyName = choice.keyName === undefined ? configuration.keyName : choice.keyName;
  if (keyName !== null && !offer.keyNames.includes(keyName))
    refuse('keyName', `there is no key pair "${keyName}" in this region`);
  const profile = choice.instanceProfileArn ?? null;
  if (profile !== null && !PROFILE_ARN.test(profile)) refuse('instanceProfileArn', 'is no ARN of an instance profile');
  const userData = choice.userDataBase64 ?? null;
  if (userData !== null) errors.push(...validateUserData(userData));
  if (choice.subnetId !== undefined && !isEc2Id('subnet', choice.subnetId))
    refuse('subnetId', 'is no subnet id such as subnet-0123456789abcdef0');
  return errors;
}

function validateUserData(userDataBase64: string): FieldError[] {
  const path = 'userDataBase64';
  const padding = userDataBase64.length - userDataBase64.replace(/=+$/, '').length;
  // Length first: nothing long is matched.
  if ((userDataBase64.length / 4) * 3 - padding > MOST_USER_DATA_BYTES)
    return [{ path, message: 'must have at most 16 KiB' }];
  return BASE64.test(userDataBase64) ? [] : [{ path, message: 'must be base64' }];
}
