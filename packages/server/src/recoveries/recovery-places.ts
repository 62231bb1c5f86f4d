import type { RecoveryPanel } from '@cpm/contract';
import type { BackupRow } from '../backups/backups.store.ts';

type Place = RecoveryPanel['places'][number];
type Shown = RecoveryPanel['resources'][number];

/**
 * Where what a backup holds can come back: today each region it was made in, in its own account. Copies in other regions
 * and accounts are further places.
 */
export function placesOf(backup: BackupRow, resources: readonly Shown[]): Place[] {
  return originPlaces(backup, resources);
}

function originPlaces({ accountId, accountName }: BackupRow, resources: readonly Shown[]): Place[] {
  const byRegion = Map.groupBy(resources, ({ region }) => region);
  return [...byRegion].map(([region, here]) => ({
    accountId,
    accountName,
    region,
    kind: 'origin',
    resourceIds: here.filter(({ ways }) => ways.some(({ isOffered }) => isOffered)).map(({ resourceId }) => resourceId),
  }));
}
