import type { BackedUpResource } from '@cpm/contract';
import { counted } from './object-words.ts';

/** What an instance is and with how many volumes it comes back. */
export function VolumeCount({ resource: { snapshots, instanceType, zone, platform } }: VolumeCountProps) {
  const count = snapshots.filter(({ state }) => state === 'completed').length;
  return <span>{[instanceType, platform, zone, counted(count, 'volume')].filter(Boolean).join(' · ')}</span>;
}
type VolumeCountProps = { readonly resource: BackedUpResource };
