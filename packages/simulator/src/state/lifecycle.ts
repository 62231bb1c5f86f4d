import type { Attachment, Image, Instance, InstanceState, Snapshot, Thing, Volume } from './records.ts';

/** Whether a read at this moment finds the thing. */
export const existsAt = (thing: Thing, at: number): boolean =>
  thing.createdAt <= at && (thing.deletedAt === undefined || thing.deletedAt > at);

export const hasFailed = (thing: { readonly failsAt: number | undefined }, at: number): boolean =>
  thing.failsAt !== undefined && thing.failsAt <= at;

export const snapshotState = (snapshot: Snapshot, at: number): 'pending' | 'completed' | 'error' => {
  if (hasFailed(snapshot, at)) return 'error';
  return snapshot.completesAt <= at && snapshot.failsAt === undefined ? 'completed' : 'pending';
};

/** How much of the snapshot is stored, as EC2 writes it: `37%`. */
export const snapshotProgress = (snapshot: Snapshot, at: number): string => {
  if (snapshotState(snapshot, at) === 'completed') return '100%';
  const until = Math.min(at, snapshot.failsAt ?? at);
  const share = (until - snapshot.createdAt) / Math.max(1, snapshot.completesAt - snapshot.createdAt);
  return `${Math.min(99, Math.max(0, Math.floor(share * 100)))}%`;
};

/** The attachments that still hold the volume or the instance's device. */
export const liveAttachments = (attachments: readonly Attachment[], at: number): Attachment[] =>
  attachments.filter(
    (attachment) => attachment.attachingAt <= at && (attachment.detachedAt === undefined || attachment.detachedAt > at),
  );

export const attachmentState = (
  attachment: Attachment,
  at: number,
): 'attaching' | 'attached' | 'detaching' | 'detached' => {
  if (attachment.detachedAt !== undefined && attachment.detachedAt <= at) return 'detached';
  if (attachment.detachingAt !== undefined && attachment.detachingAt <= at) return 'detaching';
  return attachment.attachedAt <= at ? 'attached' : 'attaching';
};

export const volumeState = (volume: Volume, at: number): 'creating' | 'available' | 'in-use' | 'deleting' | 'error' => {
  if (hasFailed(volume, at)) return 'error';
  if (volume.deletingAt !== undefined && volume.deletingAt <= at) return 'deleting';
  if (liveAttachments(volume.attachments, at).length > 0) return 'in-use';
  return volume.availableAt <= at && volume.failsAt === undefined ? 'available' : 'creating';
};

export const instanceState = (instance: Instance, at: number): InstanceState =>
  instance.states.findLast((entry) => entry.at <= at)?.state ?? 'pending';

/** When the state that holds at this moment began. */
export const instanceStateSince = (instance: Instance, at: number): number =>
  instance.states.findLast((entry) => entry.at <= at)?.at ?? instance.createdAt;

export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const imageState = (image: Image, at: number): 'pending' | 'available' | 'failed' => {
  if (hasFailed(image, at)) return 'failed';
  return image.availableAt <= at && image.failsAt === undefined ? 'available' : 'pending';
};
