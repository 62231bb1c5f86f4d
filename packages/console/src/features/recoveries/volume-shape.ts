import type { BackedUpResource, Snapshot } from '@cpm/contract';
import { isVolumeType, shapeVolume, type FieldError, type InstanceConfiguration, type OriginalShape } from '@cpm/core';
import { numberInput, textInput } from './form-parts.ts';

/** Size, type, speed and key of a recovered volume as a form holds them; empty: as backed up. */
export type ShapeValues = {
  readonly sizeGiB: number | string;
  readonly volumeType: string;
  readonly iops: number | string;
  readonly throughputMiBps: number | string;
  readonly kmsKeyId: string;
  readonly preserveTags: boolean;
};

export const AS_BACKED_UP: ShapeValues = {
  sizeGiB: '',
  volumeType: '',
  iops: '',
  throughputMiBps: '',
  kmsKeyId: '',
  preserveTags: true,
};

/** What the API takes for these values: what is as backed up is left out. */
export function shapeInput({ sizeGiB, volumeType, iops, throughputMiBps, kmsKeyId, preserveTags }: ShapeValues) {
  return {
    ...numberInput('sizeGiB', sizeGiB),
    ...(isVolumeType(volumeType) ? { volumeType } : {}),
    ...numberInput('iops', iops),
    ...numberInput('throughputMiBps', throughputMiBps),
    ...textInput('kmsKeyId', kmsKeyId),
    ...(preserveTags ? {} : { preserveTags }),
  };
}

/** The volume of the snapshot as the backup recorded it; null for a volume that was backed up by itself. */
export function recordedVolume(resource: BackedUpResource, snapshot: Snapshot) {
  return recordedInstance(resource)?.volumes.find(({ volumeId }) => volumeId === snapshot.sourceId) ?? null;
}

/** The configuration of the instance as the backup recorded it. */
export function recordedInstance({ kind, configuration }: BackedUpResource): InstanceConfiguration | null {
  return kind === 'instance' ? (configuration as InstanceConfiguration | null) : null;
}

/** What AWS would refuse of a volume's shape; judged only as far as the original is known. */
export function shapeProblems(
  values: ShapeValues,
  snapshot: Snapshot,
  original: OriginalShape | null,
): readonly FieldError[] {
  const choice = shapeInput(values);
  const { volumeType } = choice;
  const known = original ?? (volumeType === undefined ? null : { volumeType, iops: null, throughputMiBps: null });
  if (known !== null) {
    return shapeVolume(choice, { original: known, snapshotSizeGiB: snapshot.sizeGiB, isRoot: snapshot.isRoot }).errors;
  }
  const isTooSmall = choice.sizeGiB !== undefined && choice.sizeGiB < snapshot.sizeGiB;
  const message = `must be at least ${snapshot.sizeGiB} GiB, the size of the snapshot`;
  return isTooSmall ? [{ path: 'sizeGiB', message }] : [];
}
