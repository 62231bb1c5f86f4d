import type { RecoveryPanel } from '@cpm/contract';
import type { PlaceSearch } from './place-search.ts';

export type PanelPlace = RecoveryPanel['places'][number];
export type PanelResource = RecoveryPanel['resources'][number];

/** The place that the address names, or the first; null where there is none. */
export function choosePlace({ places }: RecoveryPanel, { account, region }: PlaceSearch): PanelPlace | null {
  return places.find((place) => place.accountId === account && place.region === region) ?? places[0] ?? null;
}

const PLACE_KINDS: Record<PanelPlace['kind'], string> = { origin: 'where it was backed up' };

/** `acme-production, us-east-1 (where it was backed up)` */
export const placeLabel = ({ accountName, region, kind }: PanelPlace): string =>
  `${accountName}, ${region} (${PLACE_KINDS[kind]})`;

/** What can be brought back to a place, as the panel groups it. */
export function groupResources({ resources }: RecoveryPanel, { resourceIds }: PanelPlace) {
  const there = resources.filter(({ resourceId }) => resourceIds.includes(resourceId));
  const of = (...kinds: readonly PanelResource['kind'][]) => there.filter(({ kind }) => kinds.includes(kind));
  return {
    instances: of('instance'),
    independent: of('volume'),
    databases: of('database'),
    clusters: of('database-cluster', 'redshift-cluster'),
  };
}
