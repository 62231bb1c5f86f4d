import { existsAt, snapshotState } from '../state/lifecycle.ts';
import type { Snapshot, Volume } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

const unfinished = (call: Call): Snapshot[] => {
  const { unfinishedSnapshots } = call.region;
  const now = call.world.clock.now();
  for (const snapshot of unfinishedSnapshots) {
    if (snapshotState(snapshot, now) !== 'pending' || !existsAt(snapshot, Math.max(now, snapshot.createdAt)))
      unfinishedSnapshots.delete(snapshot);
  }
  return [...unfinishedSnapshots].filter((snapshot) => snapshot.ownerId === call.accountId);
};

const countOwned = (call: Call): number => {
  let count = 0;
  for (const snapshot of call.region.snapshots.values()) {
    if (snapshot.ownerId === call.accountId && existsAt(snapshot, call.now)) count += 1;
  }
  return count;
};

const checkTotal = (call: Call, more: number): void => {
  const { snapshotsPerRegion } = call.world.settings.limits;
  if (call.region.snapshots.size + more > snapshotsPerRegion && countOwned(call) + more > snapshotsPerRegion) {
    throw awsError('SnapshotLimitExceeded', `The maximum number of snapshots is ${snapshotsPerRegion}.`);
  }
};

const checkRate = (call: Call, volume: Volume): void => {
  const { snapshotRatePerVolume, snapshotRateWindowMs } = call.world.settings.limits;
  const times = (call.region.snapshotTimes.get(volume.id) ?? []).filter((at) => at > call.now - snapshotRateWindowMs);
  if (times.length >= snapshotRatePerVolume) {
    throw awsError(
      'SnapshotCreationPerVolumeRateExceeded',
      'The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.',
    );
  }
  call.region.snapshotTimes.set(volume.id, [...times, call.now]);
};

/** Throws the limit that another snapshot of each of these volumes would pass (EBS quotas). */
export const checkSnapshotLimits = (call: Call, volumes: readonly Volume[]): void => {
  const { limits } = call.world.settings;
  if (!limits.quotas) return;
  const pending = unfinished(call).filter((snapshot) => snapshot.kind === 'snapshot');
  for (const volume of volumes) {
    const cold = volume.shape.type === 'st1' || volume.shape.type === 'sc1';
    const allowed = cold ? limits.pendingSnapshotsPerColdVolume : limits.pendingSnapshotsPerVolume;
    if (pending.filter((snapshot) => snapshot.volumeId === volume.id).length >= allowed) {
      throw awsError(
        'ConcurrentSnapshotLimitExceeded',
        'Maximum allowed in-progress snapshots for a single volume exceeded.',
      );
    }
  }
  if (pending.length + volumes.length > limits.pendingSnapshotsPerAccount) {
    throw awsError(
      'PendingSnapshotLimitExceeded',
      `Maximum number of pending snapshots (${limits.pendingSnapshotsPerAccount}) exceeded.`,
    );
  }
  checkTotal(call, volumes.length);
  for (const volume of volumes) checkRate(call, volume);
};

/** Throws ResourceLimitExceeded when the destination region has as many copies running as it may. */
export const checkCopyLimits = (call: Call): void => {
  const { limits } = call.world.settings;
  if (!limits.quotas) return;
  const copies = unfinished(call).filter((snapshot) => snapshot.kind === 'copy').length;
  if (copies >= limits.concurrentCopies) {
    throw awsError(
      'ResourceLimitExceeded',
      `Too many snapshot copies in progress. The limit is ${limits.concurrentCopies} for this destination region.`,
    );
  }
  checkTotal(call, 1);
};
