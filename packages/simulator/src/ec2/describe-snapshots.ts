import { existsAt, snapshotProgress, snapshotState } from '../state/lifecycle.ts';
import type { Snapshot } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { describeThings } from './describe.ts';
import { tagFilters, type FilterTable } from './filters.ts';
import { isAccessible, kinds } from './kinds.ts';
import { readOwners } from './permissions.ts';
import { showSnapshot } from './make-snapshot.ts';

const filters: FilterTable<Snapshot> = {
  ...tagFilters,
  description: (snapshot) => snapshot.description,
  encrypted: (snapshot) => snapshot.encrypted,
  'owner-alias': (snapshot) => snapshot.ownerAlias,
  'owner-id': (snapshot) => snapshot.ownerId,
  progress: (snapshot, call) => snapshotProgress(snapshot, call.now),
  'snapshot-id': (snapshot) => snapshot.id,
  'start-time': (snapshot) => new Date(snapshot.createdAt),
  status: (snapshot, call) => snapshotState(snapshot, call.now),
  'storage-tier': () => 'standard',
  'transfer-type': (snapshot) => (snapshot.kind === 'copy' ? 'standard' : undefined),
  'volume-id': (snapshot) => snapshot.volumeId,
  'volume-size': (snapshot) => snapshot.sizeGiB,
};

const isOwnedBy = (call: Call, snapshot: Snapshot, owners: readonly string[]): boolean =>
  owners.length === 0 ||
  owners.some((owner) =>
    owner === 'self'
      ? snapshot.ownerId === call.accountId
      : owner === snapshot.ownerId || owner === snapshot.ownerAlias,
  );

const mayRestore = (call: Call, snapshot: Snapshot, users: readonly string[]): boolean =>
  users.length === 0 ||
  users.some((user) => {
    if (user === 'all') return snapshot.sharedWith.has('all');
    const account = user === 'self' ? call.accountId : user;
    return snapshot.ownerId === account || snapshot.sharedWith.has(account) || snapshot.sharedWith.has('all');
  });

/** DescribeSnapshots: own and shared ones; without access an id is left out, an unknown id refuses the request. */
export const describeSnapshots = (call: Call): Reply => {
  const owners = readOwners(call, 'Owner');
  const restorers = readOwners(call, 'RestorableBy');
  const things: Snapshot[] = [];
  for (const snapshot of call.region.snapshots.values()) {
    const visible = existsAt(snapshot, call.readAt) && isAccessible(call.region, snapshot, call.accountId);
    if (visible && isOwnedBy(call, snapshot, owners) && mayRestore(call, snapshot, restorers)) things.push(snapshot);
  }
  const exists = (id: string): boolean => {
    const snapshot = call.region.snapshots.get(id);
    return snapshot !== undefined && existsAt(snapshot, call.readAt);
  };
  const { shown, nextToken } = describeThings(call, {
    things,
    kind: kinds.snapshot,
    idParameter: 'SnapshotId',
    wireName: 'snapshotSet',
    filters,
    silent: exists,
  });
  return { snapshotSet: shown.map((snapshot) => showSnapshot(call, snapshot)), nextToken };
};
