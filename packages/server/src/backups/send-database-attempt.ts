import { awsCodeOf, isAlreadyThere, isOutcomeUnknown, isSourceBusy, type NamedSnapshot } from '@cpm/aws/port';
import {
  CPM_TAG_KEYS,
  databaseSnapshotName,
  isCpmError,
  isWorthRetrying,
  snapshotTags,
  withSourceTags,
  type DatabaseService,
  type Instant,
} from '@cpm/core';
import type { DatabasePorts } from '../accounts/database-ports.ts';
import { createNamedSnapshot, describeNamedSnapshots } from '../accounts/named-snapshots.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import type { BackupRow } from './backups.store.ts';
import type { SnapshotRow } from './snapshots.store.ts';

/** What starting databases needs of a running backup. */
export type DatabaseRun = {
  readonly context: ServerContext;
  readonly job: JobContext<Database>;
  readonly backup: BackupRow;
  readonly settings: { readonly copySourceTags: boolean };
};

/** Our record of a snapshot to be of a database or cluster. */
export type DatabaseAttempt = SnapshotRow & { readonly service: DatabaseService };

/** What AWS showed of a snapshot when it was started: kept in the step. */
export type SeenSnapshot = Pick<NamedSnapshot, 'awsSnapshotId' | 'state' | 'progressPercent' | 'sizeGiB' | 'encrypted'>;

/** What became of one try; recorded as the result of its step. */
export type DatabaseSent =
  | {
      readonly sent: 'accepted';
      readonly at: Instant;
      readonly snapshot: SeenSnapshot;
      /** Whether it was found by its name: the answer to its call was lost. */
      readonly isFound: boolean;
      readonly droppedTags: readonly string[];
    }
  | { readonly sent: 'refused'; readonly at: Instant; readonly reason: string; readonly isQuotaFull: boolean }
  /** Nothing was made, and the same call is worth another try; `isBusy`: the source takes no snapshot now. */
  | { readonly sent: 'later'; readonly at: Instant; readonly reason: string; readonly isBusy: boolean }
  /** The answer is lost, and nothing shows under the name yet. */
  | { readonly sent: 'unknown'; readonly at: Instant };

/** The name that AWS keeps the snapshot under: it follows from the committed intent alone. */
export function nameOfAttempt(backup: Pick<BackupRow, 'policyName'>, { attemptId }: Pick<SnapshotRow, 'attemptId'>) {
  return databaseSnapshotName(backup.policyName, attemptId);
}

/**
 * Sends the call of a snapshot once more. It bears a name of its own, so a repeat cannot make a second one: what an earlier
 * call made, here or before a crash, is found under that name and taken if its tags say that it is this attempt's. While an
 * application is frozen nothing is looked for: that can wait until the next try.
 */
export async function sendDatabaseAttempt(
  run: DatabaseRun,
  ports: DatabasePorts,
  attempt: DatabaseAttempt,
  { isFrozen }: { readonly isFrozen: boolean },
): Promise<DatabaseSent> {
  const { clock } = run.context;
  const awsSnapshotId = nameOfAttempt(run.backup, attempt);
  const { tags, dropped } = tagsOf(run, attempt);
  const { service, sourceId } = attempt;
  try {
    const made = await createNamedSnapshot(ports, { service, awsSnapshotId, sourceId, tags });
    return { sent: 'accepted', at: clock.now(), snapshot: seen(made), isFound: false, droppedTags: dropped };
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    const found = isFrozen ? null : await findOwn(ports, attempt, awsSnapshotId);
    const at = clock.now();
    if (found === 'foreign') {
      const reason = `AWS has a snapshot named ${awsSnapshotId} that this backup did not make`;
      return { sent: 'refused', at, reason, isQuotaFull: false };
    }
    if (found !== null) {
      return { sent: 'accepted', at, snapshot: seen(found), isFound: true, droppedTags: dropped };
    }
    // Taken, and not shown yet: the same as a lost answer.
    if (isOutcomeUnknown(error) || isAlreadyThere(error)) return { sent: 'unknown', at };
    const isBusy = isSourceBusy(error);
    if (isBusy || isWorthRetrying(error)) return { sent: 'later', at, reason: describeError(error), isBusy };
    const isQuotaFull = (awsCodeOf(error) ?? '').includes('SnapshotQuotaExceeded');
    return { sent: 'refused', at, reason: describeError(error), isQuotaFull };
  }
}

/** Which snapshot AWS has under the name: this attempt's, somebody else's, or none that it shows or tells of now. */
async function findOwn(
  ports: DatabasePorts,
  attempt: Pick<DatabaseAttempt, 'service' | 'attemptId'>,
  awsSnapshotId: string,
): Promise<NamedSnapshot | 'foreign' | null> {
  try {
    const [found] = await describeNamedSnapshots(ports, attempt.service, [awsSnapshotId]);
    if (found === undefined) return null;
    return found.tags[CPM_TAG_KEYS.attempt] === attempt.attemptId ? found : 'foreign';
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return null;
  }
}

const seen = ({ awsSnapshotId, state, progressPercent, sizeGiB, encrypted }: NamedSnapshot): SeenSnapshot => ({
  awsSnapshotId,
  state,
  progressPercent,
  sizeGiB,
  encrypted,
});

function tagsOf({ context, backup, settings }: DatabaseRun, { attemptId, sourceId, volumeTags }: DatabaseAttempt) {
  if (backup.policyId === null) throw new Error('a running backup has lost its policy');
  const { installationId } = context;
  const own = snapshotTags({ installationId, policyId: backup.policyId, backupId: backup.id, attemptId, sourceId });
  const { tags, dropped } = withSourceTags(own, settings.copySourceTags ? volumeTags : []);
  return { tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])), dropped };
}
