import {
  isOutcomeUnknown,
  isWaitingForRoom,
  type CreateSnapshotInput,
  type CreateSnapshotsInput,
  type Ec2Port,
  type PreparedCall,
  type Snapshot as AwsSnapshot,
} from '@cpm/aws/port';
import { isCpmError, isWorthRetrying, snapshotDescription, type AttemptId, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import type { BackupRow } from './backups.store.ts';
import { tagsOf } from './snapshot-call-tags.ts';
import type { ResourceRow, SnapshotRow } from './snapshots.store.ts';

/** One AWS call that is to start snapshots, with our records of what it takes. */
export type Attempt = {
  readonly id: AttemptId;
  readonly resource: ResourceRow;
  readonly rows: readonly SnapshotRow[];
};

/** What became of one call; recorded as the result of its step. */
export type Sent =
  | {
      readonly sent: 'accepted';
      readonly at: Instant;
      readonly snapshots: readonly AwsSnapshot[];
      /** Keys of source tags that AWS has no room for. */
      readonly droppedTags: readonly string[];
    }
  | { readonly sent: 'refused'; readonly reason: string }
  /** Certain to have made nothing, and worth another attempt; `room`: AWS waits for snapshots under way to complete. */
  | { readonly sent: 'later'; readonly reason: string; readonly at: Instant; readonly room: boolean }
  /** The answer is lost: it may have made snapshots. */
  | { readonly sent: 'unknown'; readonly at: Instant };

export type Sending = {
  readonly backup: BackupRow;
  readonly ec2: Ec2Port;
  readonly attempt: Attempt;
  /** Whether the snapshots carry their volumes' own tags beside CPM's (BKP-3). */
  readonly copySourceTags: boolean;
  readonly frozen?: FrozenAttempts | null;
};

type AttemptCall = {
  readonly send: () => Promise<readonly AwsSnapshot[]>;
  /** Keys of source tags that AWS has no room for. */
  readonly droppedTags: readonly string[];
};

/** An attempt's call, ready to go out. */
export type PreparedAttempt = AttemptCall & Pick<PreparedCall<unknown>, 'drop'>;

/** An application is frozen for it: also a server that stops sends it first. */
export type FrozenSending = {
  /** Called as soon as the call has its answer, or none will come. */
  readonly onAnswer: () => void;
  /** Resolves when the application runs again: before, nothing is put on record. */
  readonly thawed: Promise<void>;
};

/** Calls that were made ready before the application was frozen go out as they are. */
export type FrozenAttempts = FrozenSending & { readonly prepared: ReadonlyMap<AttemptId, PreparedAttempt> };

/** Sends an attempt's call once in its life: a start without a recorded end means that its answer was lost with the server. */
export async function sendAttempt(context: ServerContext, job: JobContext<Database>, sending: Sending): Promise<Sent> {
  const { frozen = null } = sending;
  const name = stepOfAttempt(sending.attempt);
  const wasStarted = job.startedBefore(name);
  const send = async (): Promise<Sent> => {
    try {
      if (wasStarted) return { sent: 'unknown', at: context.clock.now() };
      return await callAws(context, sending);
    } catch (error) {
      return failureOf(error, context.clock.now());
    } finally {
      frozen?.onAnswer();
      await frozen?.thawed;
    }
  };
  return job.step(name, send, { urgent: frozen !== null });
}

/** Whether an attempt's call was sent, or may have been, by this run of the job or an earlier one. */
export function wasSent(job: JobContext<Database>, attempt: Attempt): boolean {
  return job.startedBefore(stepOfAttempt(attempt)) || job.finished(stepOfAttempt(attempt));
}

export const stepOfAttempt = ({ id }: Attempt): string => `start ${id}`;

/** Their tags are ours, five on each: not worth keeping in the step. */
const withoutTags = (snapshot: AwsSnapshot): AwsSnapshot => ({ ...snapshot, tags: {}, description: '' });

function failureOf(error: unknown, at: Instant): Sent {
  if (isOutcomeUnknown(error)) return { sent: 'unknown', at };
  if (!isCpmError(error)) throw error;
  const reason = describeError(error);
  // Also a limit that empties by itself, such as snapshots pending in the account (F4): nothing was made.
  const room = isWaitingForRoom(error);
  return isWorthRetrying(error) ? { sent: 'later', reason, at, room } : { sent: 'refused', reason };
}

/** Makes an attempt's call ready before an application is frozen for it. */
export function prepareAttempt(context: ServerContext, sending: Sending): PreparedAttempt {
  const { ec2 } = sending;
  const { ofVolume, ofInstance, droppedTags } = inputOf(context, sending);
  if (ofVolume === null) return { ...ec2.prepareSnapshots(ofInstance), droppedTags };
  const { send, drop } = ec2.prepareSnapshot(ofVolume);
  return { send: async () => [await send()], drop, droppedTags };
}

async function callAws(context: ServerContext, sending: Sending): Promise<Sent> {
  const call = sending.frozen?.prepared.get(sending.attempt.id) ?? callOf(context, sending);
  const snapshots = await call.send();
  const { droppedTags } = call;
  return { sent: 'accepted', at: context.clock.now(), snapshots: snapshots.map(withoutTags), droppedTags };
}

function callOf(context: ServerContext, sending: Sending): AttemptCall {
  const { ec2 } = sending;
  const { ofVolume, ofInstance, droppedTags } = inputOf(context, sending);
  if (ofVolume === null) return { send: () => ec2.createSnapshots(ofInstance), droppedTags };
  return { send: async () => [await ec2.createSnapshot(ofVolume)], droppedTags };
}

type CallInput = Pick<AttemptCall, 'droppedTags'> &
  (
    | { readonly ofVolume: CreateSnapshotInput; readonly ofInstance: null }
    | { readonly ofVolume: null; readonly ofInstance: CreateSnapshotsInput }
  );

function inputOf({ installationId }: ServerContext, { backup, attempt, copySourceTags }: Sending): CallInput {
  const { resource, rows, id: attemptId } = attempt;
  const sourceId = resource.resourceId;
  if (backup.policyId === null) throw new Error('a running backup has lost its policy');
  const labels = { installationId, policyId: backup.policyId, backupId: backup.id, attemptId, sourceId };
  const { tags, copies, dropped: droppedTags } = tagsOf(rows, labels, copySourceTags);
  const description = snapshotDescription(backup.policyName, sourceId);
  const [only] = rows;
  if (only?.ownCall === true) {
    return { ofVolume: { volumeId: only.sourceId, description, tags }, ofInstance: null, droppedTags };
  }
  const ofInstance = { instanceId: sourceId, ...leftOut(attempt), description, tags, copySourceTags: copies };
  return { ofVolume: null, ofInstance, droppedTags };
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
