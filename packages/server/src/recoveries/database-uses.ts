import type { AwsMethod } from '@cpm/aws/port';
import type { RecoveryUses } from './recovery-uses.ts';

type DatabaseKind = 'database' | 'database-cluster' | 'redshift-cluster';

const METHODS: Readonly<Record<DatabaseKind, readonly AwsMethod[]>> = {
  database: ['rds.restoreDatabase', 'rds.describeDatabases', 'rds.changeDatabase'],
  'database-cluster': [
    'rds.restoreDatabaseCluster',
    'rds.describeDatabaseClusters',
    'rds.createClusterMember',
    'rds.describeDatabases',
    'rds.changeDatabaseCluster',
  ],
  'redshift-cluster': ['redshift.restoreCluster', 'redshift.describeClusters', 'redshift.tagCluster'],
};

type Source = { readonly awsSnapshotId: string; readonly isEncrypted: boolean; readonly keyId: string | null };

/** What the recovery of a database or cluster uses, for the preflight; its limits are looked at by its planner. */
export const databaseUses = (kind: DatabaseKind, { awsSnapshotId, isEncrypted, keyId }: Source): RecoveryUses => ({
  methods: METHODS[kind],
  // A snapshot is encrypted with the key that its source had.
  keys: isEncrypted && keyId !== null ? [{ keyId, path: '', of: ` of ${awsSnapshotId}` }] : [],
});
