import type { ClusterSnapshot, DatabaseSnapshot } from '../state/database-records.ts';
import { madeBy, type Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { kinds, own, type Kind } from './kinds.ts';
import { snapshotStatus } from './make-snapshot.ts';

type AnySnapshot = DatabaseSnapshot | ClusterSnapshot;

/** How many manual snapshots of a kind the caller has in this region. */
export const manualCount = (call: Call, kind: typeof kinds.snapshot | typeof kinds.clusterSnapshot): number =>
  own({ ...call, readAt: call.now }, kind).filter((snapshot) => snapshot.type === 'manual').length;

/** Throws SnapshotQuotaExceeded when there are as many manual snapshots as there may be. */
export const checkSnapshotQuota = (call: Call, kind: typeof kinds.snapshot | typeof kinds.clusterSnapshot): void => {
  const { limits } = call.world.settings;
  const most = kind === kinds.snapshot ? limits.manualDatabaseSnapshots : limits.manualClusterSnapshots;
  if (limits.quotas && manualCount(call, kind) >= most)
    throw awsError('SnapshotQuotaExceeded', `Cannot create more than ${most} manual snapshots`);
};

const stateCode = (kind: Kind): string =>
  kind === kinds.snapshot ? 'InvalidDBSnapshotState' : 'InvalidDBClusterSnapshotStateFault';

/** Deletes a manual snapshot that is done. Throws InvalidDBSnapshotState for an automated one or one still in the making. */
export const removeSnapshot = (call: Call, kind: Kind, snapshot: AnySnapshot): void => {
  if (snapshot.type !== 'manual') {
    throw awsError(stateCode(kind), `Only manual snapshots may be deleted; ${snapshot.id} is an automated one.`);
  }
  const status = snapshotStatus(snapshot, call.now);
  if (status !== 'available' && status !== 'failed' && status !== 'copying') {
    throw awsError(
      stateCode(kind),
      `Cannot delete the snapshot because it is not currently in the available or failed state: ${snapshot.id} is ${status}.`,
    );
  }
  snapshot.deletingAt = call.now;
  snapshot.deletedAt = call.now + call.world.settings.timing.databaseSnapshotDeleteMs;
  snapshot.deletedBy = madeBy(call);
};

const snapshotTypes = new Set(['automated', 'manual', 'shared', 'public', 'awsbackup']);

/** Whose snapshots a listing is about, and of which type. Throws InvalidParameterValue for an unknown SnapshotType. */
export const listedSnapshots = <T extends AnySnapshot>(
  call: Call,
  things: { readonly own: readonly T[]; readonly all: Iterable<T> },
): T[] => {
  const type = call.params.text('SnapshotType') ?? '';
  if (type !== '' && !snapshotTypes.has(type))
    throw awsError('InvalidParameterValue', `Invalid snapshot type: ${type}`);
  const wantsShared = type === 'shared' || (type === '' && call.params.flag('IncludeShared') === true);
  const wantsPublic = type === 'public' || (type === '' && call.params.flag('IncludePublic') === true);
  const others = [...things.all].filter(
    (one) =>
      one.ownerId !== call.accountId &&
      one.createdAt <= call.readAt &&
      (one.deletedAt === undefined || one.deletedAt > call.readAt) &&
      ((wantsShared && one.sharedWith.has(call.accountId)) || (wantsPublic && one.sharedWith.has('all'))),
  );
  const mine = things.own.filter((one) => type === '' || one.type === type);
  return [...mine, ...others];
};

/** Adds and removes accounts that a snapshot is shared with. Throws for what RDS does not share. */
export const changeSharing = (call: Call, kind: Kind, snapshot: AnySnapshot): void => {
  const listed = (path: string): readonly string[] =>
    call.params.has(`${path}.AttributeValue`) ? call.params.texts(`${path}.AttributeValue`) : call.params.texts(path);
  if (call.params.requiredText('AttributeName') !== 'restore')
    throw awsError('InvalidParameterValue', 'AttributeName must be restore.');
  if (snapshot.type !== 'manual')
    throw awsError(stateCode(kind), 'Only manual snapshots can be shared; copy the automated one first.');
  const add = listed('ValuesToAdd');
  for (const account of add) {
    if (account !== 'all' && !/^\d{12}$/.test(account))
      throw awsError('InvalidParameterValue', `Invalid account id: ${account}`);
    if (account === 'all' && snapshot.encrypted)
      throw awsError('InvalidParameterValue', 'Encrypted snapshots cannot be made public.');
  }
  const wanted = new Set([...snapshot.sharedWith, ...add]);
  for (const account of listed('ValuesToRemove')) wanted.delete(account);
  if (wanted.size > 20) throw awsError('SharedSnapshotQuotaExceeded', 'A snapshot can be shared with 20 accounts.');
  const key =
    snapshot.kmsKeyArn === undefined ? undefined : call.region.kmsKeys.get(snapshot.kmsKeyArn.split('/')[1] ?? '');
  if (add.length > 0 && key?.awsManaged === true)
    throw awsError(stateCode(kind), 'A snapshot encrypted with the default KMS key cannot be shared.');
  snapshot.sharedWith.clear();
  for (const account of wanted) snapshot.sharedWith.add(account);
};
