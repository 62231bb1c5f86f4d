import type { TargetKind } from '@cpm/core';

/** What each kind of resource is called: one of them, and many. */
export const KIND_NAMES: Record<TargetKind, readonly [one: string, many: string]> = {
  instance: ['Instance', 'Instances'],
  volume: ['Volume', 'Volumes'],
  database: ['Database', 'Databases'],
  'database-cluster': ['Database cluster', 'Database clusters'],
  'redshift-cluster': ['Redshift cluster', 'Redshift clusters'],
};

/** What a backup takes of each kind where no volumes are chosen. */
export const WHOLE_OF_KIND: Record<TargetKind, string> = {
  instance: 'All volumes',
  volume: 'The volume',
  database: 'The whole database',
  'database-cluster': 'The whole cluster',
  'redshift-cluster': 'The whole cluster',
};

/** Many of a kind within a sentence. */
export const nounsOf = (kind: TargetKind): string =>
  kind === 'redshift-cluster' ? KIND_NAMES[kind][1] : KIND_NAMES[kind][1].toLowerCase();
