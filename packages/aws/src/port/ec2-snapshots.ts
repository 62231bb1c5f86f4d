import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';
import type { PreparedCall } from './prepared-call.ts';

/** AWS adds states now and then; an unknown one is passed on as it came. */
export type SnapshotState = 'pending' | 'completed' | 'error' | 'recoverable' | 'recovering' | (string & {});

export type Snapshot = {
  readonly awsSnapshotId: string;
  /** The volume it was taken from; arbitrary for a copy. */
  readonly volumeId: string;
  readonly state: SnapshotState;
  /** Why it is in `error`; AWS tells it only here. */
  readonly stateMessage: string | null;
  /** 0 to 100; null while AWS does not say. */
  readonly progressPercent: number | null;
  readonly startedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly ownerId: string | null;
  readonly description: string;
  readonly storageTier: string | null;
  readonly tags: Tags;
};

export type CreateSnapshotsInput = {
  readonly instanceId: string;
  readonly excludeRoot: boolean;
  /** At most 40 data volumes; naming the root here is refused by AWS. */
  readonly excludeVolumeIds: readonly string[];
  readonly description: string;
  readonly tags: Tags;
  /** Adds each volume's own tags (`aws:` ones aside). */
  readonly copySourceTags: boolean;
};

export type CreateSnapshotInput = { readonly volumeId: string; readonly description: string; readonly tags: Tags };

/**
 * EBS snapshots of one account and region. The two creates have no idempotency token: they are sent once and never
 * repeated unless AWS's request limit refused them; after `outcomeUnknown` find what became of them by their tag.
 * A fresh snapshot may be missing from `describe…` and `find…` for seconds to minutes.
 */
export type Ec2Snapshots = {
  /**
   * One point in time across the volumes of an instance; answers when the point in time is fixed, mostly in `pending`.
   * Tags and source tags may not exceed 50 in all. Too many pending ones: see `isWaitingForRoom`. Never call it again
   * without a look-up. EC2 API Reference, CreateSnapshots.
   */
  readonly createSnapshots: (input: CreateSnapshotsInput) => Promise<readonly Snapshot[]>;
  /** The same for a single volume. EC2 API Reference, CreateSnapshot. */
  readonly createSnapshot: (input: CreateSnapshotInput) => Promise<Snapshot>;
  /** The same two, made ready to be sent in the moment in which an application stands still. */
  readonly prepareSnapshots: (input: CreateSnapshotsInput) => PreparedCall<readonly Snapshot[]>;
  readonly prepareSnapshot: (input: CreateSnapshotInput) => PreparedCall<Snapshot>;
  /** Those of the ids that AWS shows now; one call for every 1,000. Missing ones are absent: no proof that they are gone. */
  readonly describeSnapshots: (awsSnapshotIds: readonly string[]) => Promise<readonly Snapshot[]>;
  /** The account's own snapshots that carry the tag with one of the values (any number of values, none finds none). */
  readonly findSnapshotsByTag: (key: string, values: readonly string[]) => Promise<readonly Snapshot[]>;
  /**
   * May be repeated. `alreadyGone` = AWS does not know it (any more, or not yet when it is minutes old).
   * Kept with `conflict` while an image uses it (`InvalidSnapshot.InUse`) or it is locked. EC2 API Reference, DeleteSnapshot.
   */
  readonly deleteSnapshot: (awsSnapshotId: string) => Promise<'deleted' | 'alreadyGone'>;
};
