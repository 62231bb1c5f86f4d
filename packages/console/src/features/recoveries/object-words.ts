import type { Recovery, RecoveryPlan } from '@cpm/contract';
import type { Tone } from '../../ui/status.tsx';

type MadeObject = Recovery['objects'][number];
export type PlannedObject = Recovery['planned'][number];
type Check = RecoveryPlan['checks'][number];

/** What a recovery has to do with, in words. */
export const OBJECT_KINDS: Record<MadeObject['kind'], string> = {
  volume: 'Volume',
  instance: 'Instance',
  image: 'Image',
  attachment: 'Attachment',
  database: 'Database',
  'database-cluster': 'Database cluster',
  'redshift-cluster': 'Redshift cluster',
};

export const OBJECT_STATES: Record<MadeObject['state'], readonly [Tone, string]> = {
  creating: ['running', 'Being made'],
  kept: ['good', 'There'],
  removed: ['quiet', 'Removed again'],
  failed: ['bad', 'Failed'],
};

export const CHECK_NAMES: Record<Check['name'], string> = {
  credentials: 'Credentials',
  permissions: 'Permissions',
  snapshots: 'Snapshots',
  names: 'Names',
  place: 'Place',
  network: 'Network',
  image: 'Image',
  launch: 'Launch options',
  volumes: 'Volumes',
  devices: 'Devices',
  keys: 'Keys',
  quotas: 'Quotas',
};

export const CHECK_RESULTS: Record<Check['result'], readonly [Tone, string]> = {
  pass: ['good', 'Passed'],
  warn: ['warning', 'Warning'],
  fail: ['bad', 'Failed'],
};

/** `1 volume`, `3 volumes`. */
export const counted = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : nouns}`;

/** What a kind of recovery is of, at the beginning of a title. */
export const RECOVERED_KINDS: Record<Recovery['kind'], string> = {
  volumes: 'Volumes',
  instance: 'Instance',
  database: 'Database',
  'database-cluster': 'Database cluster',
  'redshift-cluster': 'Redshift cluster',
};

/** With a capital first letter, as it stands alone. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
