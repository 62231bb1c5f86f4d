import type { BlockDevice, EbsDevice, Snapshot } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError, awsErrorOf, missingParameter } from '../wire/errors.ts';
import type { Params } from '../wire/params.ts';
import { chooseEncryption, isSealed, ownKeyOf } from './encryption.ts';
import { shapeVolume } from './volume-rules.ts';
import { usableSnapshot } from './volumes.ts';

/** One entry of a block device mapping as a request gives it. */
export type DeviceWish = {
  readonly device: string;
  readonly noDevice: boolean;
  readonly virtualName: string | undefined;
  readonly ebs: Params | undefined;
};

/** A block device that is allowed, with the snapshot it starts from. */
export type PlannedDevice = BlockDevice & { readonly snapshot: Snapshot | undefined; readonly keyRefused: boolean };

const invalidMapping = (message: string): Error => awsError('InvalidBlockDeviceMapping', message);

/** Reads the BlockDeviceMapping list of a request. Throws for a missing or repeated device name. */
export const readDeviceWishes = (call: Call): DeviceWish[] => {
  const wishes = call.params.structs('BlockDeviceMapping').map((mapping) => {
    const device = mapping.text('DeviceName');
    if (device === undefined || device === '') throw missingParameter('deviceName');
    return {
      device,
      noDevice: mapping.text('NoDevice') !== undefined,
      virtualName: mapping.text('VirtualName'),
      ebs: mapping.struct('Ebs'),
    };
  });
  const names = wishes.map((wish) => wish.device);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidMapping(`The device '${twice}' is used in more than one block-device mapping`);
  return wishes;
};

const snapshotOf = (call: Call, wish: Params, base: EbsDevice | undefined): Snapshot | undefined => {
  const id = wish.text('SnapshotId') ?? base?.snapshotId;
  if (id === undefined || id === '') return undefined;
  // An image's own snapshots serve whoever may launch it, shared or not.
  return id === base?.snapshotId ? call.region.snapshots.get(id) : usableSnapshot(call, id);
};

const asMappingError = <T>(make: () => T): T => {
  try {
    return make();
  } catch (thrown) {
    const error = awsErrorOf(thrown);
    if (error?.code === 'InvalidParameterValue' && /too small|smaller than/.test(error.message))
      throw invalidMapping(error.message);
    if (error?.code === 'MissingParameter')
      throw awsError('MissingParameter', 'The request must contain the parameter size or snapshotId');
    throw thrown;
  }
};

/** The EBS volume that a wish, laid over what the image says, asks for. Throws AWS's refusals. */
export const planEbs = (
  call: Call,
  wish: Params,
  rules: { readonly base: EbsDevice | undefined; readonly isRoot: boolean },
): { readonly ebs: EbsDevice; readonly snapshot: Snapshot | undefined; readonly keyRefused: boolean } => {
  const { base, isRoot } = rules;
  const snapshot = snapshotOf(call, wish, base);
  const sameType = wish.text('VolumeType') === undefined || wish.text('VolumeType') === base?.type;
  const inherited = sameType && base?.type !== 'gp2' ? base : undefined;
  const shape = asMappingError(() =>
    shapeVolume({
      type: wish.text('VolumeType') ?? base?.type,
      sizeGiB: wish.integer('VolumeSize') ?? base?.sizeGiB,
      iops: wish.integer('Iops') ?? inherited?.iops,
      throughputMiBps: wish.integer('Throughput') ?? inherited?.throughputMiBps,
      snapshotGiB: snapshot?.sizeGiB,
    }),
  );
  const encrypted = wish.flag('Encrypted');
  if (encrypted === false && snapshot?.encrypted === true)
    throw invalidMapping('An encrypted snapshot cannot make an unencrypted volume.');
  const chosen = chooseEncryption(
    call,
    {
      encrypted,
      kmsKeyId: wish.text('KmsKeyId'),
      sourceKeyArn: base?.kmsKeyArn ?? ownKeyOf(call, snapshot),
    },
    snapshot?.encrypted ?? base?.encrypted ?? false,
  );
  return {
    snapshot,
    keyRefused: chosen.keyRefused || isSealed(call, call.region, snapshot),
    ebs: {
      snapshotId: snapshot?.id,
      sizeGiB: shape.sizeGiB,
      type: shape.type,
      iops: shape.iops,
      throughputMiBps: shape.throughputMiBps,
      deleteOnTermination: wish.flag('DeleteOnTermination') ?? base?.deleteOnTermination ?? isRoot,
      encrypted: chosen.encrypted,
      kmsKeyArn: chosen.kmsKeyArn,
    },
  };
};

/** A block device as images show it. */
export const showBlockDevice = (device: BlockDevice): Reply => ({
  deviceName: device.device,
  virtualName: device.virtualName,
  ebs:
    device.ebs === undefined
      ? undefined
      : {
          snapshotId: device.ebs.snapshotId,
          volumeSize: device.ebs.sizeGiB,
          deleteOnTermination: device.ebs.deleteOnTermination,
          volumeType: device.ebs.type,
          iops: device.ebs.type === 'gp2' ? undefined : device.ebs.iops,
          throughput: device.ebs.throughputMiBps,
          encrypted: device.ebs.encrypted,
        },
});
