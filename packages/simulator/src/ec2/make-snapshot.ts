import type { Snapshot, Volume } from '../state/records.ts';
import type { Region } from '../state/world.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { snapshotProgress, snapshotState } from '../state/lifecycle.ts';
import { tagSet } from './tag-rules.ts';

type NewSnapshot = {
  readonly description: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly failWith?: string | undefined;
  readonly platformDetails?: string | undefined;
  readonly productCodes?: readonly string[] | undefined;
};

const completionOf = (call: Call, sizeGiB: number): number => {
  const { snapshotBaseMs, snapshotPerGiBMs } = call.world.settings.timing;
  return call.now + snapshotBaseMs + snapshotPerGiBMs * sizeGiB;
};

/** Stores a snapshot and watches it as pending. */
export const keepSnapshot = (region: Region, snapshot: Snapshot): Snapshot => {
  region.snapshots.set(snapshot.id, snapshot);
  region.unfinishedSnapshots.add(snapshot);
  return snapshot;
};

/** Starts a snapshot of a volume: its point in time is now, it completes later. */
export const makeSnapshot = (call: Call, volume: Volume, wish: NewSnapshot): Snapshot => {
  const completesAt = completionOf(call, volume.shape.sizeGiB);
  const failure = wish.failWith ?? volume.snapshotsFail;
  return keepSnapshot(call.region, {
    ...newThing(call, call.world.ids.id('snap'), wish.tags),
    volumeId: volume.id,
    sizeGiB: volume.shape.sizeGiB,
    description: wish.description,
    encrypted: volume.encrypted,
    kmsKeyArn: volume.kmsKeyArn,
    completesAt,
    failsAt: failure === undefined ? undefined : completesAt,
    stateMessage: failure,
    productCodes: wish.productCodes ?? volume.productCodes,
    sharedWith: new Set(),
    copiedFrom: undefined,
    kind: 'snapshot',
    platformDetails: wish.platformDetails ?? platformOf(call.region, volume),
    ownerAlias: undefined,
  });
};

// EC2 keeps the billing of a volume's operating system with its snapshots, so that an image made of one is billed alike.
const platformOf = (region: Region, volume: Volume): string | undefined =>
  volume.snapshotId === undefined ? undefined : region.snapshots.get(volume.snapshotId)?.platformDetails;

/** A snapshot as DescribeSnapshots and CreateSnapshot show it. */
export const showSnapshot = (call: Call, snapshot: Snapshot): Reply => {
  const status = snapshotState(snapshot, call.now);
  return {
    snapshotId: snapshot.id,
    volumeId: snapshot.volumeId,
    status,
    statusMessage: status === 'error' ? snapshot.stateMessage : undefined,
    startTime: new Date(snapshot.createdAt),
    completionTime: status === 'completed' ? new Date(snapshot.completesAt) : undefined,
    progress: snapshotProgress(snapshot, call.now),
    ownerId: snapshot.ownerId,
    ownerAlias: snapshot.ownerAlias,
    volumeSize: snapshot.sizeGiB,
    description: snapshot.description,
    encrypted: snapshot.encrypted,
    kmsKeyId: snapshot.kmsKeyArn,
    storageTier: 'standard',
    transferType: snapshot.kind === 'copy' ? 'standard' : undefined,
    fullSnapshotSizeInBytes: status === 'completed' ? snapshot.sizeGiB * 1024 ** 3 : undefined,
    sseType: snapshot.encrypted ? 'sse-kms' : undefined,
    tagSet: tagSet(call, snapshot),
  };
};
