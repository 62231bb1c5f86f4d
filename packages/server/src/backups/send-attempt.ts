import { isOutcomeUnknown, type Ec2Port, type Snapshot as AwsSnapshot } from '@cpm/aws/port';
import {
  isCpmError,
  isWorthRetrying,
  snapshotDescription,
  snapshotTags,
  type AttemptId,
  type Instant,
} from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import type { BackupRow } from './backups.store.ts';
import type { ResourceRow, SnapshotRow } from './snapshots.store.ts';

/** One AWS call that is to start snapshots, with our records of what it takes. */
export type Attempt = {
  readonly id: AttemptId;
  readonly resource: ResourceRow;
  readonly rows: readonly SnapshotRow[];
};

/** What became of one call; recorded as the result of its step. */
export type Sent =
  | { readonly sent: 'accepted'; readonly at: Instant; readonly snapshots: readonly AwsSnapshot[] }
  | { readonly sent: 'refused'; readonly reason: string }
  /** Certain to have made nothing, and worth another attempt. */
  | { readonly sent: 'later'; readonly reason: string; readonly at: Instant }
  /** The answer is lost: it may have made snapshots. */
  | { readonly sent: 'unknown'; readonly at: Instant };

export type Sending = { readonly backup: BackupRow; readonly ec2: Ec2Port; readonly attempt: Attempt };

/** Sends an attempt's call once in its life: a start without a recorded end means that its answer was lost with the server. */
export async function sendAttempt(context: ServerContext, job: JobContext<Database>, sending: Sending): Promise<Sent> {
  const name = `start ${sending.attempt.id}`;
  const wasStarted = job.startedBefore(name);
  return job.step(name, async (): Promise<Sent> => {
    if (wasStarted) return { sent: 'unknown', at: context.clock.now() };
    try {
      const snapshots = await callAws(context, sending);
      return { sent: 'accepted', at: context.clock.now(), snapshots: snapshots.map(withoutTags) };
    } catch (error) {
      return failureOf(error, context.clock.now());
    }
  });
}

/** Their tags are ours, five on each: not worth keeping in the step. */
const withoutTags = (snapshot: AwsSnapshot): AwsSnapshot => ({ ...snapshot, tags: {}, description: '' });

function failureOf(error: unknown, at: Instant): Sent {
  if (isOutcomeUnknown(error)) return { sent: 'unknown', at };
  if (!isCpmError(error)) throw error;
  const reason = describeError(error);
  // Also a limit that empties by itself, such as snapshots pending in the account (F4): nothing was made.
  return isWorthRetrying(error) ? { sent: 'later', reason, at } : { sent: 'refused', reason };
}

async function callAws(
  { installationId }: ServerContext,
  { backup, ec2, attempt }: Sending,
): Promise<readonly AwsSnapshot[]> {
  const { resource, rows, id: attemptId } = attempt;
  const sourceId = resource.resourceId;
  if (backup.policyId === null) throw new Error('a running backup has lost its policy');
  const labels = { installationId, policyId: backup.policyId, backupId: backup.id, attemptId, sourceId };
  const tags = Object.fromEntries(snapshotTags(labels).map(({ key, value }) => [key, value]));
  const description = snapshotDescription(backup.policyName, sourceId);
  const [only] = rows;
  if (only?.ownCall === true) return [await ec2.createSnapshot({ volumeId: only.sourceId, description, tags })];
  const left = leftOut(attempt);
  return ec2.createSnapshots({ instanceId: sourceId, ...left, description, tags, copySourceTags: false });
}

/** What CreateSnapshots must leave out so that it takes exactly the attempt's volumes. */
function leftOut({ resource, rows }: Attempt): { readonly excludeRoot: boolean; readonly excludeVolumeIds: string[] } {
  const taken = new Set(rows.map(({ sourceId }) => sourceId));
  const { rootDeviceName = null, volumes = [] } = resource.configuration ?? {};
  const left = volumes.filter(({ volumeId }) => !taken.has(volumeId));
  const isRoot = ({ deviceName }: { readonly deviceName: string }) => deviceName === rootDeviceName;
  return {
    excludeRoot: left.some(isRoot),
    excludeVolumeIds: left.filter((volume) => !isRoot(volume)).map(({ volumeId }) => volumeId),
  };
}
