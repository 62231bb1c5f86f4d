import { CPM_TAG_KEYS } from '../backup/snapshot-tags.ts';
import { isUuid } from '../ids.ts';
import type { AttemptId, BackupId, SnapshotId } from '../ids.ts';

import { MINUTE_MS } from '../time.ts';
import type { Instant } from '../time.ts';
import type { SnapshotService, SnapshotState } from '../backup/phase.ts';

/** One look is not believed: AWS's listings lag behind (F6). */
export const SECOND_LOOK_MS = 5 * MINUTE_MS;

/** A snapshot that AWS shows with this installation's tag. */
export type SeenSnapshot = {
  readonly service: SnapshotService;
  readonly awsSnapshotId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** It can be recovered from: not still being made, failed, or on its way out. */
  readonly isComplete: boolean;
};

/** CPM's record of a snapshot that has AWS's id. */
export type SnapshotRecord = {
  readonly snapshotId: SnapshotId;
  readonly service: SnapshotService;
  readonly awsSnapshotId: string;
  readonly backupId: BackupId;
  /** Of the account that is compared, not of another one of CPM's that reaches the same AWS account. */
  readonly isOwn: boolean;
  readonly state: SnapshotState;
  readonly isBackupRunning: boolean;
  /** Its backup is being deleted, or is. */
  readonly isMarked: boolean;
};

/**
 * An attempt that CPM's records know of. `open`: its backup, or the job that looks after it, is still at it, or it is of
 * another account, whose own compare judges it.
 */
export type KnownAttempt = {
  readonly attemptId: AttemptId;
  readonly backupId: BackupId | null;
  readonly open: boolean;
};

/**
 * `vanished` on record and gone from AWS · `leftover` made by an attempt that no backup wants any more · `unknown` bears this
 * installation's tag, but the records know nothing of it.
 */
export type Difference = {
  readonly kind: 'vanished' | 'leftover' | 'unknown';
  readonly service: SnapshotService;
  readonly awsSnapshotId: string;
  readonly backupId: BackupId | null;
  readonly snapshotId: SnapshotId | null;
};

export type Compared = {
  readonly differences: readonly Difference[];
  /** Records that said `missing` and are there again, complete. */
  readonly reappeared: readonly SnapshotRecord[];
};

export type ToCompare = {
  /** A complete listing: a part of one proves nothing. */
  readonly seen: readonly SeenSnapshot[];
  /** Read after the listing, so that whatever AWS showed had its record by then. */
  readonly records: readonly SnapshotRecord[];
  readonly attempts: readonly KnownAttempt[];
};

/** Where AWS and the records differ (BKP-6, I1, I2). Says what is so, never what to delete. */
export function compareWithAws({ seen, records, attempts }: ToCompare): Compared {
  const shown = new Set(seen.map(keyOf));
  const complete = new Set(seen.filter(({ isComplete }) => isComplete).map(keyOf));
  const recorded = new Map(records.map((record) => [keyOf(record), record]));
  const known = new Map(attempts.map((attempt): [string, KnownAttempt] => [attempt.attemptId, attempt]));
  const vanished = records.filter((record) => shouldBeThere(record) && !shown.has(keyOf(record)));
  return {
    differences: [
      ...vanished.map(({ service, awsSnapshotId, backupId, snapshotId }): Difference => {
        return { kind: 'vanished', service, awsSnapshotId, backupId, snapshotId };
      }),
      ...seen.flatMap((snapshot) => differenceOf(snapshot, recorded.get(keyOf(snapshot)), known)),
    ],
    reappeared: records.filter(
      (record) => record.isOwn && record.state === 'missing' && !record.isMarked && complete.has(keyOf(record)),
    ),
  };
}

/** A running backup's snapshots are its poller's business, a marked one's retention's. */
function shouldBeThere({ state, isOwn, isBackupRunning, isMarked }: SnapshotRecord): boolean {
  return isOwn && (state === 'completed' || state === 'pending') && !isBackupRunning && !isMarked;
}

function differenceOf(
  { service, awsSnapshotId, tags }: SeenSnapshot,
  record: SnapshotRecord | undefined,
  known: ReadonlyMap<string, KnownAttempt>,
): Difference[] {
  const named = { service, awsSnapshotId, snapshotId: null };
  if (record !== undefined) {
    // Deleted by CPM and there again: somebody brought it back, and meant it.
    return record.isOwn && record.state === 'deleted' ? [{ ...named, kind: 'unknown', backupId: record.backupId }] : [];
  }
  const attempt = known.get(tags[CPM_TAG_KEYS.attempt] ?? '');
  if (attempt === undefined) return [{ ...named, kind: 'unknown', backupId: null }];
  if (attempt.open) return [];
  return [{ ...named, kind: attempt.backupId === null ? 'unknown' : 'leftover', backupId: attempt.backupId }];
}

/** The attempts that snapshots say they come from. */
export function attemptsOf(seen: readonly SeenSnapshot[]): AttemptId[] {
  const ids = seen.map(({ tags }) => tags[CPM_TAG_KEYS.attempt] ?? '').filter(isUuid);
  return [...new Set(ids)] as AttemptId[];
}

/** Whether what was first seen then has been seen long enough to be believed. */
export function isConfirmed(firstSeenAt: Instant, now: Instant): boolean {
  return now - firstSeenAt >= SECOND_LOOK_MS;
}

/** What a finding says of itself. */
export const DIFFERENCE_TEXT: Readonly<Record<Difference['kind'], string>> = {
  vanished: 'it was deleted outside CPM: AWS does not show it any more',
  leftover: 'a call whose answer was lost made it after it had been given up; no backup needs it',
  unknown: "it bears this installation's tag, but CPM has no record that needs it; CPM does not touch it",
};

/** Identifies a snapshot within an account and region: names of RDS and Redshift may be equal. */
export function keyOf({
  service,
  awsSnapshotId,
}: {
  readonly service: string;
  readonly awsSnapshotId: string;
}): string {
  return `${service} ${awsSnapshotId}`;
}
