import { volumeState } from '../state/lifecycle.ts';
import type { VolumeShape } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { kinds, ownThings } from './kinds.ts';

const gibPerTib = 1024;

/** Throws VolumeLimitExceeded when so much more storage of a type would be too much for the account in the region. */
export const checkStorage = (call: Call, wanted: readonly Pick<VolumeShape, 'type' | 'sizeGiB'>[]): void => {
  const { quotas, storageTiBPerType } = call.world.settings.limits;
  if (!quotas) return;
  for (const type of new Set(wanted.map((one) => one.type))) {
    const more = wanted.filter((one) => one.type === type).reduce((sum, one) => sum + one.sizeGiB, 0);
    const used = ownThings(call, kinds.volume)
      .filter((volume) => volume.shape.type === type && volumeState(volume, call.now) !== 'deleting')
      .reduce((sum, volume) => sum + volume.shape.sizeGiB, 0);
    if (used + more > storageTiBPerType * gibPerTib)
      throw awsError(
        'VolumeLimitExceeded',
        `You have exceeded your maximum ${type} storage limit of ${storageTiBPerType} TiB in this region.`,
      );
  }
};
