import type { ClusterSnapshot, DatabaseSnapshot } from '../state/database-records.ts';
import { keepNamed, lookNamed } from '../state/named.ts';
import type { Encryption } from '../state/records.ts';
import { existsAt } from '../state/lifecycle.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { checkKey, chooseKey } from './encryption.ts';
import { arnOf, isTaken, kinds, notFound, readName, type GivenName } from './kinds.ts';
import { showClusterSnapshot, showDatabaseSnapshot, snapshotStatus } from './make-snapshot.ts';
import { newName } from './names.ts';
import type { Operations } from './operation.ts';
import { checkSnapshotQuota } from './snapshot-rules.ts';
import { readTags } from './tag-rules.ts';

type AnySnapshot = DatabaseSnapshot | ClusterSnapshot;
type SnapshotKind = typeof kinds.snapshot | typeof kinds.clusterSnapshot;

type Source<T extends AnySnapshot> = { readonly snapshot: T; readonly given: GivenName };

/** The snapshot to copy, by name or by the ARN of any region; another account's only when it is shared with the caller. */
const sourceOf = <T extends AnySnapshot>(call: Call, parameter: string, kind: SnapshotKind): Source<T> => {
  const text = call.params.requiredText(parameter);
  const given = readName(call, text);
  const region = call.world.regions.get(given.region);
  const wish = { accountId: given.accountId, id: given.id, at: call.readAt };
  const found = region === undefined ? undefined : lookNamed<AnySnapshot>(region[kind.collection], wish);
  const isSeen =
    found !== undefined &&
    (found.ownerId === call.accountId || found.sharedWith.has(call.accountId) || found.sharedWith.has('all'));
  if (!isSeen || !existsAt(found, call.readAt)) throw notFound(kind, text);
  if (snapshotStatus(found, call.now) !== 'available') {
    const code = kind === kinds.snapshot ? 'InvalidDBSnapshotState' : 'InvalidDBClusterSnapshotStateFault';
    throw awsError(code, `The source snapshot ${found.id} is not in the available state.`);
  }
  return { snapshot: found as T, given };
};

const encryptionFor = (call: Call, { snapshot, given }: Source<AnySnapshot>): Encryption => {
  const kmsKeyId = call.params.text('KmsKeyId') || undefined;
  const isHere = given.region === call.region.name;
  if (snapshot.encrypted && kmsKeyId === undefined && !isHere)
    throw awsError('InvalidParameterValue', 'KmsKeyId is required to copy an encrypted snapshot to another region.');
  if (snapshot.encrypted && isHere) checkKey(call, snapshot);
  if (kmsKeyId !== undefined) return chooseKey(call, { encrypted: true, kmsKeyId, service: 'rds' });
  return { encrypted: snapshot.encrypted, kmsKeyArn: snapshot.kmsKeyArn };
};

const checkRunning = (call: Call, kind: SnapshotKind): void => {
  const { quotas, concurrentCopies } = call.world.settings.limits;
  const running = [...call.region[kind.collection].values()].filter(
    (one) => one.ownerId === call.accountId && snapshotStatus(one, call.now) === 'copying',
  );
  if (quotas && running.length >= concurrentCopies)
    throw awsError('SnapshotQuotaExceeded', `Cannot have more than ${concurrentCopies} copies in progress.`);
};

const copied = <T extends AnySnapshot>(
  call: Call,
  source: Source<T>,
  wish: { readonly kind: SnapshotKind; readonly target: string },
): T => {
  const { snapshot, given } = source;
  const { kind } = wish;
  const id = newName(call, wish.target, kind === kinds.snapshot ? 255 : 63);
  if (isTaken(call, kind, id)) {
    const code = kind === kinds.snapshot ? 'DBSnapshotAlreadyExists' : 'DBClusterSnapshotAlreadyExistsFault';
    throw awsError(code, `A snapshot with the identifier ${id} already exists.`);
  }
  checkSnapshotQuota(call, kind);
  checkRunning(call, kind);
  const asked = readTags(call);
  const tags = call.params.flag('CopyTags') === true ? new Map([...snapshot.tags, ...asked]) : asked;
  const { copyBaseMs, copyPerGiBMs } = call.world.settings.timing;
  const completesAt = call.now + copyBaseMs + copyPerGiBMs * snapshot.allocatedGiB;
  const sourceRegion = { ...call, region: call.world.regions.get(given.region) ?? call.region };
  return {
    ...snapshot,
    ...newThing(call, id, tags),
    ...encryptionFor(call, source),
    type: 'manual',
    completesAt,
    failsAt: call.failWith === undefined ? undefined : completesAt,
    deletingAt: undefined,
    sharedWith: new Set(),
    copiedFrom: { region: given.region, arn: arnOf(sourceRegion, kind, snapshot.id, snapshot.ownerId) },
  };
};

const copySnapshot = (call: Call): Reply => {
  const kind = kinds.snapshot;
  const source = sourceOf<DatabaseSnapshot>(call, 'SourceDBSnapshotIdentifier', kind);
  const made = copied(call, source, { kind, target: 'TargetDBSnapshotIdentifier' });
  const optionGroup = call.params.text('OptionGroupName') ?? made.optionGroup;
  const kept = keepNamed(call.region.databaseSnapshots, { ...made, optionGroup });
  return { DBSnapshot: showDatabaseSnapshot(call, kept) };
};

const copyClusterSnapshot = (call: Call): Reply => {
  const kind = kinds.clusterSnapshot;
  const source = sourceOf<ClusterSnapshot>(call, 'SourceDBClusterSnapshotIdentifier', kind);
  const made = copied(call, source, { kind, target: 'TargetDBClusterSnapshotIdentifier' });
  return { DBClusterSnapshot: showClusterSnapshot(call, keepNamed(call.region.clusterSnapshots, made)) };
};

/** Copies of snapshots, called in the destination region. */
export const copyOperations: Operations = {
  CopyDBSnapshot: {
    required: ['SourceDBSnapshotIdentifier', 'TargetDBSnapshotIdentifier'],
    on: { SourceDBSnapshotIdentifier: 'snapshot' },
    makes: { TargetDBSnapshotIdentifier: 'snapshot' },
    run: copySnapshot,
  },
  CopyDBClusterSnapshot: {
    required: ['SourceDBClusterSnapshotIdentifier', 'TargetDBClusterSnapshotIdentifier'],
    on: { SourceDBClusterSnapshotIdentifier: 'clusterSnapshot' },
    makes: { TargetDBClusterSnapshotIdentifier: 'clusterSnapshot' },
    run: copyClusterSnapshot,
  },
};
