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

/** What can be brought back to a place, as the panel groups it; what cannot at all stands where it was, with the reason. */
export function groupResources({ resources }: RecoveryPanel, { resourceIds, region }: PanelPlace) {
  const there = resources.filter(
    (resource) => resourceIds.includes(resource.resourceId) || (isLost(resource) && resource.region === region),
  );
  const of = (...kinds: readonly PanelResource['kind'][]) => there.filter(({ kind }) => kinds.includes(kind));
  return {
    instances: of('instance'),
    independent: of('volume'),
    databases: of('database'),
    clusters: of('database-cluster', 'redshift-cluster'),
  };
}

const isLost = ({ ways }: PanelResource): boolean => ways.every(({ isOffered }) => !isOffered);
