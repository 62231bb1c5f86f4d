import type { VolumeShape, VolumeType } from '../state/records.ts';
import { awsError, invalidCombination, invalidValue } from '../wire/errors.ts';

type Rule = {
  readonly size: readonly [number, number];
  readonly iops?: { readonly range: readonly [number, number]; readonly perGiB: number; readonly required: boolean };
};

// EBS User Guide, "Amazon EBS volume types", with the figures of the EC2 service model.
const rules: Readonly<Record<VolumeType, Rule>> = {
  gp3: { size: [1, 65_536], iops: { range: [3_000, 80_000], perGiB: 500, required: false } },
  gp2: { size: [1, 16_384] },
  io1: { size: [4, 16_384], iops: { range: [100, 64_000], perGiB: 50, required: true } },
  io2: { size: [4, 65_536], iops: { range: [100, 256_000], perGiB: 1_000, required: true } },
  st1: { size: [125, 16_384] },
  sc1: { size: [125, 16_384] },
  standard: { size: [1, 1_024] },
};

const isVolumeType = (text: string): text is VolumeType => Object.hasOwn(rules, text);

/** What a request says about a volume, before AWS's rules. */
export type VolumeWish = {
  readonly type: string | undefined;
  readonly sizeGiB: number | undefined;
  readonly iops: number | undefined;
  readonly throughputMiBps: number | undefined;
  readonly multiAttach?: boolean | undefined;
  /** The snapshot it starts from. */
  readonly snapshotGiB: number | undefined;
};

const checkSize = (type: VolumeType, wish: VolumeWish): number => {
  const size = wish.sizeGiB ?? wish.snapshotGiB;
  if (size === undefined) throw awsError('MissingParameter', 'The request must contain the parameter size/snapshot');
  const [least, most] = rules[type].size;
  if (wish.snapshotGiB !== undefined && size < wish.snapshotGiB) {
    throw awsError(
      'InvalidParameterValue',
      `The volume size is invalid for the snapshot: ${size}GiB is smaller than the snapshot's ${wish.snapshotGiB}GiB.`,
    );
  }
  if (size < least || size > most) {
    throw awsError(
      'InvalidParameterValue',
      `Volume of ${size}GiB is ${size < least ? 'too small' : 'too large'} for volume type ${type}; ${size < least ? `minimum is ${least}GiB` : `maximum is ${most}GiB`}.`,
    );
  }
  return size;
};

const checkIops = (type: VolumeType, sizeGiB: number, iops: number | undefined): number | undefined => {
  const rule = rules[type].iops;
  if (rule === undefined) {
    if (iops !== undefined) throw invalidCombination(`The parameter iops is not supported for ${type} volumes.`);
    return type === 'gp2' ? Math.min(16_000, Math.max(100, sizeGiB * 3)) : undefined;
  }
  if (iops === undefined) {
    if (rule.required)
      throw awsError('InvalidParameterDependency', `The parameter iops must be specified for ${type} volumes.`);
    return rule.range[0];
  }
  const [least, most] = rule.range;
  if (iops < least || iops > most) {
    throw awsError(
      'InvalidParameterValue',
      `Volume iops of ${iops} is ${iops < least ? 'too low' : 'too high'}; ${iops < least ? `minimum is ${least}` : `maximum is ${most}`}.`,
    );
  }
  if (iops > least && iops > sizeGiB * rule.perGiB) {
    throw awsError(
      'InvalidParameterValue',
      `Iops to volume size ratio of ${(iops / sizeGiB).toFixed(6)} is too high; maximum is ${rule.perGiB} IOPS per GiB.`,
    );
  }
  return iops;
};

const checkThroughput = (
  type: VolumeType,
  iops: number | undefined,
  throughput: number | undefined,
): number | undefined => {
  if (type !== 'gp3') {
    if (throughput !== undefined)
      throw invalidCombination(`The parameter throughput is not supported for ${type} volumes.`);
    return undefined;
  }
  const chosen = throughput ?? 125;
  if (chosen < 125 || chosen > 2_000) {
    throw awsError(
      'InvalidParameterValue',
      `Throughput of ${chosen} is ${chosen < 125 ? 'too low; minimum is 125' : 'too high; maximum is 2000'}.`,
    );
  }
  if (iops !== undefined && chosen > iops * 0.25) {
    throw awsError(
      'InvalidParameterValue',
      'Throughput (MiBps) to iops ratio is too high; maximum is 0.250000 MiBps per iops.',
    );
  }
  return chosen;
};

/** The volume AWS would make of the wish: type gp2 unless named, IOPS and throughput within the type's bounds. Throws AWS's refusals. */
export const shapeVolume = (wish: VolumeWish): VolumeShape => {
  const type = wish.type ?? 'gp2';
  if (!isVolumeType(type))
    throw invalidValue(type, 'volumeType', 'Expected one of standard, io1, io2, gp2, gp3, sc1, st1.');
  const sizeGiB = checkSize(type, wish);
  const iops = checkIops(type, sizeGiB, wish.iops);
  const throughputMiBps = checkThroughput(type, iops, wish.throughputMiBps);
  if (wish.multiAttach === true && type !== 'io1' && type !== 'io2') {
    throw invalidCombination(`Multi-Attach is not supported for ${type} volumes.`);
  }
  return { sizeGiB, type, iops, throughputMiBps, multiAttach: wish.multiAttach === true };
};
