import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';

/** Free text of AWS, the common words named; an unknown one is passed on as it came. */
export type NamedSnapshotState =
  | 'creating'
  | 'available'
  | 'copying'
  | 'failed'
  | 'deleting'
  | 'deleted'
  | (string & {});

/** What snapshots of databases and clusters have in common: whoever makes one chooses its name. */
export type NamedSnapshot = {
  /** Its name, in lower case, unique in account and region. */
  readonly awsSnapshotId: string;
  readonly arn: string | null;
  /** The database or cluster that it was taken from, by name: it may have been deleted, or replaced, since. */
  readonly sourceId: string;
  readonly state: NamedSnapshotState;
  /** 0 to 100; null while AWS does not say. */
  readonly progressPercent: number | null;
  /** `manual` for those that somebody made by a call; AWS's own cannot be deleted. */
  readonly kind: 'manual' | 'automated' | 'shared' | 'public' | 'awsbackup' | (string & {});
  readonly createdAt: Instant | null;
  /** The storage of the source; null where AWS does not say. */
  readonly sizeGiB: number | null;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly tags: Tags;
};
