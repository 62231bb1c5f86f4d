import { instanceState, liveAttachments, volumeState } from '../state/lifecycle.ts';
import type { Attachment, Instance, Volume } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';
import { findById, kinds, look } from './kinds.ts';
import { showAttachment } from './make-volume.ts';
import type { Operations } from './operation.ts';
import { typeNamed } from './type-catalogue.ts';

/** The part of a device name that tells devices apart: `/dev/sdf`, `xvdf` and `/dev/xvdf` are one device. */
const deviceKey = (device: string): string => device.replace(/^\/dev\//, '').replace(/^(?:xvd|sd)/, '');

/** Whether EC2 takes the text as the name of a device. */
export const isDeviceName = (device: string): boolean =>
  /^(?:\/dev\/)?(?:sd[a-z][0-9]{0,2}|xvd[a-z]{1,2}|sda1|hd[a-z][0-9]{0,2})$/.test(device);

/** Ties a volume to an instance; both keep the same object. */
export const attach = (
  volume: Volume,
  instance: Instance,
  wish: {
    readonly device: string;
    readonly at: number;
    readonly attachMs: number;
    readonly deleteOnTermination: boolean;
  },
): Attachment => {
  const attachment: Attachment = {
    volumeId: volume.id,
    instanceId: instance.id,
    device: wish.device,
    attachingAt: wish.at,
    attachedAt: wish.at + wish.attachMs,
    detachingAt: undefined,
    detachedAt: undefined,
    deleteOnTermination: wish.deleteOnTermination,
  };
  volume.attachments.push(attachment);
  instance.attachments.push(attachment);
  return attachment;
};

const checkVolume = (call: Call, volume: Volume, instance: Instance): void => {
  const attached = liveAttachments(volume.attachments, call.now);
  const shared =
    volume.shape.multiAttach && !attached.some((one) => one.instanceId === instance.id) && attached.length < 16;
  const [first] = attached;
  if (first !== undefined && !shared) throw awsError('VolumeInUse', `${volume.id} is already attached to an instance`);
  const state = volumeState(volume, call.now);
  if (state !== 'available' && state !== 'in-use')
    throw awsError('IncorrectState', `Volume '${volume.id}' is not 'available'. It is '${state}'.`);
  if (volume.zone !== instance.zone) {
    throw awsError(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
};

const checkInstance = (call: Call, volume: Volume, instance: Instance): void => {
  const state = instanceState(instance, call.now);
  if (state !== 'running' && state !== 'stopped') {
    throw awsError('IncorrectState', `Instance '${instance.id}' is not 'running' or 'stopped'. It is '${state}'.`);
  }
  if (volume.productCodes.length > 0 && state !== 'stopped') {
    throw awsError(
      'IncorrectInstanceState',
      `A volume with product codes attaches only to a stopped instance; '${instance.id}' is '${state}'.`,
    );
  }
  const platform = call.region.snapshots.get(volume.snapshotId ?? '')?.platformDetails;
  const isOfWindows = platform?.startsWith('Windows') ?? false;
  if (volume.productCodes.length > 0 && isOfWindows !== (instance.platform === 'Windows')) {
    throw awsError(
      'OperationNotPermitted',
      `The product codes of '${volume.id}' are for another operating system than that of '${instance.id}'.`,
    );
  }
  const attached = liveAttachments(instance.attachments, call.now).length;
  if (attached + instance.interfaceIds.length >= (typeNamed(instance.type)?.attachmentLimit ?? 28)) {
    throw awsError('AttachmentLimitExceeded', `The instance '${instance.id}' has reached its limit of attachments.`);
  }
};

const checkDevice = (call: Call, device: string, instance: Instance): void => {
  if (!isDeviceName(device)) throw invalidValue(device, 'device', `${device} is not a valid EBS device name.`);
  const busy = liveAttachments(instance.attachments, call.now).find(
    (one) => deviceKey(one.device) === deviceKey(device),
  );
  if (busy !== undefined) {
    throw awsError(
      'InvalidParameterValue',
      `Invalid value '${device}' for unixDevice. Attachment point ${busy.device} is already in use`,
    );
  }
};

const attachVolume = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  const instance = findById(call, kinds.instance, 'InstanceId');
  const device = call.params.requiredText('Device');
  checkVolume(call, volume, instance);
  checkInstance(call, volume, instance);
  checkDevice(call, device, instance);
  const { attachMs } = call.world.settings.timing;
  instance.productCodes = [...new Set([...instance.productCodes, ...volume.productCodes])];
  return showAttachment(call, attach(volume, instance, { device, at: call.now, attachMs, deleteOnTermination: false }));
};

const attachmentOf = (call: Call, volume: Volume): Attachment => {
  const instanceId = call.params.text('InstanceId');
  const device = call.params.text('Device');
  const attached = liveAttachments(volume.attachments, call.now);
  if (attached.length === 0) throw awsError('IncorrectState', `Volume '${volume.id}' is in the 'available' state.`);
  const fitting = attached.filter(
    (one) =>
      (instanceId === undefined || one.instanceId === instanceId) &&
      (device === undefined || deviceKey(one.device) === deviceKey(device)),
  );
  const [attachment, another] = fitting;
  if (attachment === undefined) {
    throw awsError(
      'InvalidAttachment.NotFound',
      `The volume '${volume.id}' is not attached to instance '${instanceId ?? ''}' as device '${device ?? ''}'.`,
    );
  }
  if (another !== undefined) throw awsError('MissingParameter', 'The request must contain the parameter InstanceId');
  return attachment;
};

const detachVolume = (call: Call): Reply => {
  const volume = findById(call, kinds.volume, 'VolumeId');
  const attachment = attachmentOf(call, volume);
  const instance = look(call, kinds.instance, attachment.instanceId);
  const state = instance === undefined ? 'terminated' : instanceState(instance, call.now);
  if (instance?.rootDeviceName === attachment.device && state !== 'stopped' && state !== 'terminated') {
    throw awsError(
      'OperationNotPermitted',
      `Unable to detach root volume '${volume.id}' from instance '${instance.id}'`,
    );
  }
  if (attachment.detachingAt !== undefined)
    throw awsError('IncorrectState', `Volume '${volume.id}' is in the 'detaching' state.`);
  attachment.detachingAt = call.now;
  attachment.detachedAt = call.now + call.world.settings.timing.detachMs;
  return showAttachment(call, attachment);
};

/** Tying volumes to instances and untying them. */
export const attachmentOperations: Operations = {
  AttachVolume: {
    required: ['VolumeId', 'InstanceId', 'Device'],
    targets: ['VolumeId', 'InstanceId'],
    run: attachVolume,
  },
  DetachVolume: { required: ['VolumeId'], targets: ['VolumeId', 'InstanceId'], run: detachVolume },
};
