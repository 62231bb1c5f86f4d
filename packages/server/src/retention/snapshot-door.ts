import type { Tags } from '@cpm/aws/port';
import type { AccountId, SnapshotService } from '@cpm/core';
import { ec2Of, rdsOf, redshiftOf } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';

/** What retention and reconciliation ask of a snapshot, whichever service keeps it. */
export type OwnSnapshot = { readonly awsSnapshotId: string; readonly tags: Tags };

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
  const withTag = (key: string, value: string) => (all: readonly OwnSnapshot[]) =>
    all.filter(({ tags }) => tags[key] === value);
  if (service === 'ebs') {
    const ec2 = ec2Of(context, accountId, region, options);
    return {
      describe: ec2.describeSnapshots,
      findByTag: (key, value) => ec2.findSnapshotsByTag(key, [value]),
      remove: ec2.deleteSnapshot,
    };
  }
  if (service === 'redshift') {
    const redshift = redshiftOf(context, accountId, region, options);
    return {
      describe: redshift.describeClusterSnapshots,
      findByTag: (key, value) => redshift.listManualSnapshots().then(withTag(key, value)),
      remove: redshift.deleteClusterSnapshot,
    };
  }
  const rds = rdsOf(context, accountId, region, options);
  if (service === 'rds') {
    return {
      describe: rds.describeDatabaseSnapshots,
      findByTag: (key, value) => rds.listManualDatabaseSnapshots().then(withTag(key, value)),
      remove: rds.deleteDatabaseSnapshot,
    };
  }
  return {
    describe: rds.describeDatabaseClusterSnapshots,
    findByTag: (key, value) => rds.listManualDatabaseClusterSnapshots().then(withTag(key, value)),
    remove: rds.deleteDatabaseClusterSnapshot,
  };
}
