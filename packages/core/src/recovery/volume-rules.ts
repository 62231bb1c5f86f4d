import type { FieldError } from '../errors.ts';
import { VOLUME_TYPES } from './instance-configuration.ts';
import type { VolumeType } from './instance-configuration.ts';

type Range = { readonly least: number; readonly most: number };

/** What AWS allows of a volume type: null where the type does not know the figure. */
export type VolumeTypeRule = {
  readonly sizeGiB: Range;
  readonly iops: Range | null;
  readonly isIopsRequired: boolean;
  /** IOPS per GiB at most; null without IOPS. */
  readonly mostIopsPerGiB: number | null;
  readonly throughputMiBps: Range | null;
  readonly isBootable: boolean;
};

const plain = { iops: null, isIopsRequired: false, mostIopsPerGiB: null, throughputMiBps: null, isBootable: true };

/** EBS User Guide, "Amazon EBS volume types". Where a region allows less, AWS says so when the volume is made. */
export const VOLUME_TYPE_RULES: Readonly<Record<VolumeType, VolumeTypeRule>> = {
  gp3: {
    ...plain,
    sizeGiB: { least: 1, most: 65_536 },
    iops: { least: 3000, most: 80_000 },
    mostIopsPerGiB: 500,
    throughputMiBps: { least: 125, most: 2000 },
  },
  gp2: { ...plain, sizeGiB: { least: 1, most: 16_384 } },
  io1: {
    ...plain,
    sizeGiB: { least: 4, most: 16_384 },
    iops: { least: 100, most: 64_000 },
    isIopsRequired: true,
    mostIopsPerGiB: 50,
  },
  io2: {
    ...plain,
    sizeGiB: { least: 4, most: 65_536 },
    iops: { least: 100, most: 256_000 },
    isIopsRequired: true,
    mostIopsPerGiB: 1000,
  },
  st1: { ...plain, sizeGiB: { least: 125, most: 16_384 }, isBootable: false },
  sc1: { ...plain, sizeGiB: { least: 125, most: 16_384 }, isBootable: false },
  standard: { ...plain, sizeGiB: { least: 1, most: 1024 } },
};

/** What every gp3 volume has, whatever its size. */
const GP3_BASE_IOPS = 3000;
const GP3_MIBPS_PER_IOPS = 0.25;

/** A volume as it will be asked for; null leaves the figure to AWS. */
export type VolumeShape = {
  readonly sizeGiB: number;
  readonly volumeType: VolumeType;
  readonly iops: number | null;
  readonly throughputMiBps: number | null;
};

/** What a recovery may change of a volume; what is absent stays as it was. */
export type VolumeShapeChoice = {
  readonly sizeGiB?: number | undefined;
  readonly volumeType?: string | undefined;
  readonly iops?: number | undefined;
  readonly throughputMiBps?: number | undefined;
};

/** The original's figures; AWS reports IOPS also for types that do not take any, so they count by type. */
export type OriginalShape = {
  readonly volumeType: VolumeType;
  readonly iops: number | null;
  readonly throughputMiBps: number | null;
};

export type ShapeContext = {
  readonly original: OriginalShape;
  readonly snapshotSizeGiB: number;
  readonly isRoot: boolean;
};

/** The shape of a recovered volume, or all that is wrong with the choice (REC-7), paths relative to the volume. */
export function shapeVolume(
  choice: VolumeShapeChoice,
  context: ShapeContext,
): { readonly shape: VolumeShape; readonly errors: readonly FieldError[] } {
  const { original, snapshotSizeGiB } = context;
  const sizeGiB = choice.sizeGiB ?? snapshotSizeGiB;
  if (choice.volumeType !== undefined && !isVolumeType(choice.volumeType)) {
    const errors = [{ path: 'volumeType', message: `must be one of ${VOLUME_TYPES.join(', ')}` }];
    return { shape: { sizeGiB, volumeType: original.volumeType, iops: null, throughputMiBps: null }, errors };
  }
  const volumeType = choice.volumeType ?? original.volumeType;
  const iops = choice.iops ?? inheritedIops(volumeType, original);
  const throughputMiBps =
    choice.throughputMiBps ?? (isSame(volumeType, original, 'gp3') ? original.throughputMiBps : null);
  const shape = { sizeGiB, volumeType, iops, throughputMiBps };
  return { shape, errors: validateShape(shape, context) };
}

/** All that AWS would refuse of a volume's shape, paths relative to the volume. */
export function validateShape(
  shape: VolumeShape,
  context: Pick<ShapeContext, 'snapshotSizeGiB' | 'isRoot'>,
): FieldError[] {
  const rule = VOLUME_TYPE_RULES[shape.volumeType];
  const bootErrors =
    context.isRoot && !rule.isBootable
      ? [{ path: 'volumeType', message: `${shape.volumeType} cannot hold a root volume` }]
      : [];
  return [
    ...bootErrors,
    ...validateSize(shape, rule, context.snapshotSizeGiB),
    ...validateIops(shape, rule),
    ...validateThroughput(shape, rule),
  ];
}

export function isVolumeType(text: string): text is VolumeType {
  return (VOLUME_TYPES as readonly string[]).includes(text);
}

/** IOPS carry over between the types that are given them; gp2 and the others report a figure that cannot be asked for. */
function inheritedIops(volumeType: VolumeType, original: OriginalShape): number | null {
  const isProvisioned = (type: VolumeType): boolean => VOLUME_TYPE_RULES[type].isIopsRequired;
  if (isSame(volumeType, original, 'gp3')) return original.iops;
  return isProvisioned(volumeType) && isProvisioned(original.volumeType) ? original.iops : null;
}

function isSame(volumeType: VolumeType, original: OriginalShape, type: VolumeType): boolean {
  return volumeType === type && original.volumeType === type;
}

function validateSize(
  { sizeGiB, volumeType }: VolumeShape,
  { sizeGiB: range }: VolumeTypeRule,
  snapshotSizeGiB: number,
): FieldError[] {
  const path = 'sizeGiB';
  if (!Number.isInteger(sizeGiB)) return [{ path, message: 'must be a whole number of GiB' }];
  if (sizeGiB < snapshotSizeGiB)
    return [{ path, message: `must be at least ${snapshotSizeGiB} GiB, the size of the snapshot` }];
  return isWithin(sizeGiB, range)
    ? []
    : [{ path, message: `${volumeType} volumes have ${range.least} to ${range.most} GiB` }];
}

function validateIops({ iops, sizeGiB, volumeType }: VolumeShape, rule: VolumeTypeRule): FieldError[] {
  const path = 'iops';
  if (rule.iops === null || rule.mostIopsPerGiB === null) {
    return iops === null ? [] : [{ path, message: `${volumeType} volumes take no IOPS` }];
  }
  if (iops === null) return rule.isIopsRequired ? [{ path, message: `${volumeType} volumes need IOPS` }] : [];
  if (!Number.isInteger(iops) || !isWithin(iops, rule.iops)) {
    return [{ path, message: `${volumeType} volumes have ${rule.iops.least} to ${rule.iops.most} IOPS` }];
  }
  const most = Math.max(rule.mostIopsPerGiB * sizeGiB, volumeType === 'gp3' ? GP3_BASE_IOPS : 0);
  return iops <= most ? [] : [{ path, message: `${sizeGiB} GiB of ${volumeType} allow at most ${most} IOPS` }];
}

function validateThroughput({ throughputMiBps, iops, volumeType }: VolumeShape, rule: VolumeTypeRule): FieldError[] {
  const path = 'throughputMiBps';
  if (throughputMiBps === null) return [];
  const range = rule.throughputMiBps;
  if (range === null) return [{ path, message: `${volumeType} volumes take no throughput` }];
  if (!Number.isInteger(throughputMiBps) || !isWithin(throughputMiBps, range)) {
    return [{ path, message: `${volumeType} volumes have ${range.least} to ${range.most} MiB/s` }];
  }
  const most = Math.floor((iops ?? GP3_BASE_IOPS) * GP3_MIBPS_PER_IOPS);
  return throughputMiBps <= most
    ? []
    : [{ path, message: `${iops ?? GP3_BASE_IOPS} IOPS allow at most ${most} MiB/s` }];
}

function isWithin(value: number, { least, most }: Range): boolean {
  return value >= least && value <= most;
}
