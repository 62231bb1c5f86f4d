import { existsAt, imageState, instanceState, liveAttachments } from '../state/lifecycle.ts';
import type { BlockDevice, Image, Snapshot } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { planEbs, readDeviceWishes } from './block-devices.ts';
import { startCopy } from './copy-snapshot.ts';
import { checkForm, find, findById, isAccessible, kinds, notFound } from './kinds.ts';
import { checkImageName, makeImage } from './make-image.ts';
import { makeSnapshot } from './make-snapshot.ts';
import { checkCopyLimits, checkSnapshotLimits } from './snapshot-limits.ts';
import { requestedTags } from './tag-rules.ts';

const latest = (call: Call, snapshots: readonly Snapshot[]): number =>
  Math.max(call.now, ...snapshots.map((one) => one.failsAt ?? one.completesAt));

const deviceOf = (
  snapshot: Snapshot,
  base: {
    readonly device: string;
    readonly deleteOnTermination: boolean;
    readonly like: Pick<NonNullable<BlockDevice['ebs']>, 'type' | 'iops' | 'throughputMiBps'>;
  },
): BlockDevice => ({
  device: base.device,
  virtualName: undefined,
  ebs: {
    ...base.like,
    snapshotId: snapshot.id,
    sizeGiB: snapshot.sizeGiB,
    deleteOnTermination: base.deleteOnTermination,
    encrypted: snapshot.encrypted,
    kmsKeyArn: snapshot.kmsKeyArn,
  },
});

/** CreateImage: snapshots of an instance's volumes and an image of them. Without NoReboot the instance restarts. */
export const createImage = (call: Call): Reply => {
  const instance = findById(call, kinds.instance, 'InstanceId');
  const name = call.params.requiredText('Name');
  checkImageName(call, name);
  const state = instanceState(instance, call.now);
  if (state !== 'running' && state !== 'stopped') {
    throw awsError(
      'IncorrectState',
      `The instance '${instance.id}' is in the '${state}' state; an image can be made of a running or stopped one.`,
    );
  }
  const wishes = readDeviceWishes(call);
  const dropped = new Set(wishes.filter((wish) => wish.noDevice).map((wish) => wish.device));
  const attached = liveAttachments(instance.attachments, call.now).filter(({ device }) => !dropped.has(device));
  const volumes = attached.map((attachment) => find(call, kinds.volume, attachment.volumeId));
  checkSnapshotLimits(call, volumes);
  const tags = requestedTags(call, 'snapshot');
  const image = { id: call.world.ids.id('ami') };
  const snapshots = volumes.map((volume) =>
    makeSnapshot(call, volume, {
      description: `Created by CreateImage(${instance.id}) for ${image.id}`,
      tags,
      failWith: call.failWith,
    }),
  );
  const devices = snapshots.map((snapshot, at): BlockDevice => {
    const { device = '', deleteOnTermination = false } = attached[at] ?? {};
    const shape = volumes[at]?.shape;
    return deviceOf(snapshot, {
      device,
      deleteOnTermination,
      like: { type: shape?.type ?? 'gp3', iops: shape?.iops, throughputMiBps: shape?.throughputMiBps },
    });
  });
  const added = wishes
    .filter((wish) => !wish.noDevice && !attached.some(({ device }) => device === wish.device))
    .map((wish): BlockDevice => ({
      device: wish.device,
      virtualName: wish.virtualName,
      ebs: wish.ebs && planEbs(call, wish.ebs, { base: undefined, isRoot: false }).ebs,
    }));
  makeImage(call, {
    ...instance,
    id: image.id,
    name,
    description: call.params.text('Description') ?? '',
    blockDevices: [...devices, ...added],
    imdsSupport: undefined,
    uefiData: undefined,
    tags: requestedTags(call, 'image'),
    availableAt: latest(call, snapshots),
    sourceInstanceId: instance.id,
  });
  return { imageId: image.id };
};

const sourceImage = (call: Call): { readonly image: Image; readonly region: string } => {
  const region = call.world.regions.get(call.params.requiredText('SourceRegion'));
  if (region === undefined)
    throw awsError('InvalidParameterValue', `Invalid source region: ${call.params.text('SourceRegion') ?? ''}`);
  const id = call.params.requiredText('SourceImageId');
  checkForm(kinds.image, id, 'SourceImageId');
  const image = region.images.get(id);
  if (image === undefined || !existsAt(image, call.readAt) || !isAccessible(region, image, call.accountId))
    throw notFound(kinds.image, id);
  if (imageState(image, call.now) !== 'available')
    throw awsError('InvalidAMIID.Unavailable', `The image ID '${id}' is not available`);
  return { image, region: region.name };
};

/** CopyImage: copies of the image's snapshots in this region and an image of them. */
export const copyImage = (call: Call): Reply => {
  const { image, region: regionName } = sourceImage(call);
  const region = call.world.regions.get(regionName) ?? call.region;
  const name = call.params.requiredText('Name');
  checkImageName(call, name);
  checkCopyLimits(call);
  const copyTags = call.params.flag('CopyImageTags') === true && image.ownerId === call.accountId;
  const id = call.world.ids.id('ami');
  const copies: Snapshot[] = [];
  const devices = image.blockDevices.map((device): BlockDevice => {
    const source = region.snapshots.get(device.ebs?.snapshotId ?? '');
    if (device.ebs === undefined || source === undefined) return device;
    const copy = startCopy(call, {
      region,
      source,
      description: `Copied for DestinationAmi ${id} from SourceAmi ${image.id} for SourceSnapshot ${source.id}.`,
      tags: requestedTags(call, 'snapshot'),
    });
    copies.push(copy);
    return deviceOf(copy, {
      device: device.device,
      deleteOnTermination: device.ebs.deleteOnTermination,
      like: device.ebs,
    });
  });
  const failed = copies.find((copy) => copy.failsAt !== undefined);
  makeImage(call, {
    ...image,
    id,
    name,
    description: call.params.text('Description') ?? image.description,
    blockDevices: devices,
    tags: new Map([...(copyTags ? image.tags : []), ...requestedTags(call, 'image')]),
    availableAt: latest(call, copies),
    failure: failed?.stateMessage,
    ownerAlias: undefined,
    sourceInstanceId: image.sourceInstanceId,
    sourceImage: { region: regionName, imageId: image.id },
  });
  return { imageId: id };
};
