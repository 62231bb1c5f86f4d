import { VOLUME_TYPES } from '@cpm/core';
import { oneOf, readWholeNumber, wholeNumber, wrongInput } from '../command.ts';

type VolumeType = (typeof VOLUME_TYPES)[number];

/** Options of recovered volumes; what is left out stays as it was backed up. */
export const volumeOptions = {
  size: wholeNumber('--size <GiB>', 'A larger size.'),
  type: oneOf('--type <type>', 'Another volume type.', VOLUME_TYPES),
  iops: wholeNumber('--iops <n>', 'Provisioned operations a second.'),
  throughput: wholeNumber('--throughput <MiB/s>', 'Provisioned throughput.'),
};

type VolumeValues = {
  readonly size: number | undefined;
  readonly type: VolumeType | undefined;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
};

/** The options in the words of the API. */
export function volumeFields({ size, type, iops, throughput }: VolumeValues) {
  return { sizeGiB: size, volumeType: type, iops, throughputMiBps: throughput };
}

export type VolumeChange = {
  readonly volume: string;
  readonly sizeGiB?: number;
  readonly volumeType?: VolumeType;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly deviceName?: string;
  readonly deleteOnTermination?: boolean;
  readonly kmsKeyId?: string;
  readonly preserveTags?: boolean;
};

/** Reads `vol-…:size=20,type=gp3,device=/dev/sdf,delete-on-termination=no`; throws `invalid_request`. */
export function parseVolumeChange(raw: string): VolumeChange {
  const [, volume = '', rest = ''] = /^([^:]+):(.+)$/.exec(raw) ?? [];
  if (volume === '') throw wrong(`"${raw}" is not of the form vol-…:size=20,type=gp3`);
  return rest.split(',').reduce<VolumeChange>((change, part) => ({ ...change, ...onePart(part) }), { volume });
}

function onePart(part: string): Omit<VolumeChange, 'volume'> {
  const [, key = '', value = ''] = /^([a-z-]+)=(.+)$/.exec(part) ?? [];
  if (key === 'size') return { sizeGiB: readWholeNumber(value, CHANGE) };
  if (key === 'iops') return { iops: readWholeNumber(value, CHANGE) };
  if (key === 'throughput') return { throughputMiBps: readWholeNumber(value, CHANGE) };
  if (key === 'device') return { deviceName: value };
  if (key === 'kms-key') return { kmsKeyId: value };
  if (key === 'tags' && /^(yes|no)$/.test(value)) return { preserveTags: value === 'yes' };
  const type = VOLUME_TYPES.find((each) => each === value);
  if (key === 'type' && type !== undefined) return { volumeType: type };
  if (key === 'delete-on-termination' && /^(yes|no)$/.test(value)) return { deleteOnTermination: value === 'yes' };
  throw wrong(`"${part}" is no change of a volume`);
}

const CHANGE = '--volume-change';
const wrong = (message: string) => wrongInput(CHANGE, message);
