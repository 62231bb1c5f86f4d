import type { Tags } from '@cpm/aws/port';
import type { AccountId, SnapshotService } from '@cpm/core';
import { ec2Of, rdsOf, redshiftOf } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';

/** What retention and reconciliation ask of a snapshot, whichever service keeps it. */
export type OwnSnapshot = {
  readonly awsSnapshotId: string;
  readonly tags: Tags;
  /** It can be recovered from. */
  readonly isComplete: boolean;
  /** AWS is deleting it already: it is shown for a while, and refuses to be deleted again. */
  readonly isGoing: boolean;
};

/** Snapshots of one service in an account and region, in the background of everything else. */
export type SnapshotDoor = {
  /** Those of the ids that AWS shows now, with their tags; missing ones are absent: no proof that they are gone. */
  readonly describe: (awsSnapshotIds: readonly string[]) => Promise<readonly OwnSnapshot[]>;
  /** All that bear the tag with that value, or an error: never a part. */
  readonly findByTag: (key: string, value: string) => Promise<readonly OwnSnapshot[]>;
  /** May be repeated. */
  readonly remove: (awsSnapshotId: string) => Promise<'deleted' | 'alreadyGone'>;
};

type Place = { readonly accountId: AccountId; readonly region: string; readonly service: SnapshotService };

/** The door to a service's snapshots. */
export function snapshotDoor(context: ServerContext, { accountId, region, service }: Place): SnapshotDoor {
  const options = { priority: 'background' } as const;
  const withTag = (key: string, value: string) => (all: readonly Shown[]) =>
    all.filter(({ tags }) => tags[key] === value).map(own);
  if (service === 'ebs') {
    const ec2 = ec2Of(context, accountId, region, options);
    return {
      describe: ofOwn(ec2.describeSnapshots),
      findByTag: async (key, value) => (await ec2.findSnapshotsByTag(key, [value])).map(own),
      remove: ec2.deleteSnapshot,
    };
  }
  if (service === 'redshift') {
    const redshift = redshiftOf(context, accountId, region, options);
    return {
      describe: ofOwn(redshift.describeClusterSnapshots),
      findByTag: (key, value) => redshift.listManualSnapshots().then(withTag(key, value)),
      remove: redshift.deleteClusterSnapshot,
    };
  }
  const rds = rdsOf(context, accountId, region, options);
  if (service === 'rds') {
    return {
      describe: ofOwn(rds.describeDatabaseSnapshots),
      findByTag: (key, value) => rds.listManualDatabaseSnapshots().then(withTag(key, value)),
      remove: rds.deleteDatabaseSnapshot,
    };
  }
  return {
    describe: ofOwn(rds.describeDatabaseClusterSnapshots),
    findByTag: (key, value) => rds.listManualDatabaseClusterSnapshots().then(withTag(key, value)),
    remove: rds.deleteDatabaseClusterSnapshot,
  };
}

type Shown = Pick<OwnSnapshot, 'awsSnapshotId' | 'tags'> & { readonly state: string };

const own = ({ awsSnapshotId, tags, state }: Shown): OwnSnapshot => ({
  awsSnapshotId,
  tags,
  // The word of EBS, and that of RDS and Redshift.
  isComplete: state === 'completed' || state === 'available',
  isGoing: state === 'deleting' || state === 'deleted',
});

const ofOwn =
  (describe: (awsSnapshotIds: readonly string[]) => Promise<readonly Shown[]>): SnapshotDoor['describe'] =>
  async (awsSnapshotIds) =>
    (await describe(awsSnapshotIds)).map(own);
