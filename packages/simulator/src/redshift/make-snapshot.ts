import type { RedshiftCluster, RedshiftSnapshot } from '../state/database-records.ts';
import { keepNamed, lookNamed } from '../state/named.ts';
import { percentMade } from '../state/timeline.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { listOf } from '../wire/xml.ts';
import { newName, ownSnapshots, snapshotArn, snapshotStatus } from './cluster-states.ts';
import { tagList } from './tag-rules.ts';

/** The name of a snapshot to be made. Throws ClusterSnapshotAlreadyExists. */
export const newSnapshotName = (call: Call, parameter: string): string => {
  const id = newName(call, parameter, 255);
  if (lookNamed(call.region.redshiftSnapshots, { accountId: call.accountId, id, at: call.now }) !== undefined)
    throw awsError('ClusterSnapshotAlreadyExists', `Cannot create the snapshot because ${id} already exists.`);
  return id;
};

/** Throws ClusterSnapshotQuotaExceeded when there are as many manual snapshots in the region as there may be. */
export const checkSnapshotQuota = (call: Call): void => {
  const { quotas, manualRedshiftSnapshots } = call.world.settings.limits;
  const manual = ownSnapshots(call, call.now).filter((one) => one.type === 'manual');
  if (quotas && manual.length >= manualRedshiftSnapshots)
    throw awsError(
      'ClusterSnapshotQuotaExceeded',
      `You cannot have more than ${manualRedshiftSnapshots} manual snapshots.`,
    );
};

/** Starts a snapshot of a cluster, which stays available meanwhile. */
export const makeSnapshot = (
  call: Call,
  cluster: RedshiftSnapshot['cluster'] & Pick<RedshiftCluster, 'snapshotsFail'>,
  wish: {
    readonly id: string;
    readonly tags: ReadonlyMap<string, string>;
    readonly type?: 'manual' | 'automated';
    readonly retentionDays?: number | undefined;
    readonly copied?: boolean;
  },
): RedshiftSnapshot => {
  const { databaseSnapshotBaseMs, databaseSnapshotPerGiBMs } = call.world.settings.timing;
  // What a snapshot stores is what the cluster holds, of which its capacity says little: ten GiB for each node.
  const completesAt = call.now + databaseSnapshotBaseMs + databaseSnapshotPerGiBMs * 10 * cluster.nodes;
  return keepNamed(call.region.redshiftSnapshots, {
    ...newThing(call, wish.id, wish.tags),
    type: wish.type ?? 'manual',
    encrypted: cluster.encrypted,
    kmsKeyArn: cluster.kmsKeyArn,
    cluster,
    manualRetentionDays: wish.retentionDays ?? cluster.manualRetentionDays,
    completesAt,
    failsAt: call.failWith !== undefined || cluster.snapshotsFail === true ? completesAt : undefined,
    sharedWith: new Set(),
    copied: wish.copied ?? false,
  });
};

/** The snapshot Redshift makes by itself of a new cluster with automated snapshots, as soon as it is there. */
export const makeAutomated = (call: Call, cluster: RedshiftCluster): void => {
  if (cluster.automatedRetentionDays === 0) return;
  const at = cluster.states.at(-1)?.at ?? call.now;
  const id = `rs:${cluster.id}-${new Date(at).toISOString().slice(0, 19).replace(/[T:]/g, '-')}`;
  const later = { ...call, now: at, failWith: undefined };
  makeSnapshot(later, shapeOf(cluster), { id, tags: new Map(), type: 'automated' });
};

/** A cluster as its snapshots remember it. */
export const shapeOf = ({ states: _states, tags: _tags, ...shape }: RedshiftCluster) => shape;

/** A snapshot as DescribeClusterSnapshots shows it. */
export const showSnapshot = (call: Call, snapshot: RedshiftSnapshot): Reply => {
  const { cluster } = snapshot;
  const percent = percentMade(snapshot, call.now);
  const sizeMiB = 10_240 * cluster.nodes;
  const isDone = snapshotStatus(snapshot, call.now) !== 'creating';
  return {
    SnapshotIdentifier: snapshot.id,
    SnapshotArn: snapshotArn(call, snapshot),
    ClusterIdentifier: cluster.id,
    SnapshotCreateTime: new Date(snapshot.createdAt),
    Status: snapshotStatus(snapshot, call.now),
    Port: cluster.port,
    AvailabilityZone: cluster.zone,
    ClusterCreateTime: new Date(cluster.createdAt),
    MasterUsername: cluster.masterUsername,
    ClusterVersion: cluster.version,
    EngineFullVersion: '1.0.77467',
    SnapshotType: snapshot.type,
    NodeType: cluster.nodeType,
    NumberOfNodes: cluster.nodes,
    DBName: cluster.databaseName,
    VpcId: cluster.vpcId,
    Encrypted: snapshot.encrypted,
    KmsKeyId: snapshot.kmsKeyArn,
    EncryptedWithHSM: false,
    AccountsWithRestoreAccess: listOf(
      'AccountWithRestoreAccess',
      [...snapshot.sharedWith].map((AccountId) => ({ AccountId })),
    ),
    OwnerAccount: snapshot.ownerId,
    TotalBackupSizeInMegaBytes: sizeMiB,
    ActualIncrementalBackupSizeInMegaBytes: sizeMiB / 10,
    BackupProgressInMegaBytes: (sizeMiB / 10) * (percent / 100),
    CurrentBackupRateInMegaBytesPerSecond: isDone ? 0 : 40,
    EstimatedSecondsToCompletion: isDone ? 0 : Math.ceil((snapshot.completesAt - call.now) / 1000),
    ElapsedTimeInSeconds: Math.floor((Math.min(call.now, snapshot.completesAt) - snapshot.createdAt) / 1000),
    RestorableNodeTypes: listOf('NodeType', [cluster.nodeType]),
    EnhancedVpcRouting: cluster.enhancedVpcRouting,
    MaintenanceTrackName: 'current',
    ManualSnapshotRetentionPeriod: snapshot.type === 'manual' ? snapshot.manualRetentionDays : undefined,
    Tags: tagList(snapshot.tags),
  };
};
