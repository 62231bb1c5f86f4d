import type { DatabaseConfiguration } from './database-configuration.ts';
import type { DatabaseOffer, DatabaseRequest } from './database-recovery.ts';

/** A PostgreSQL database in one zone, for tests that care about a few of its parts. */
export const buildDatabase = (parts: Partial<DatabaseConfiguration> = {}): DatabaseConfiguration => ({
  engine: 'postgres',
  engineVersion: '16.8',
  awsResourceId: 'db-A',
  state: 'available',
  instanceClass: 'db.m6g.large',
  storageType: 'gp3',
  sizeGiB: 50,
  iops: 3000,
  throughputMiBs: 125,
  databaseName: 'orders',
  masterUsername: 'root',
  port: 5432,
  zones: ['eu-central-1a'],
  isMultiAz: false,
  isPubliclyAccessible: false,
  vpcId: 'vpc-1',
  subnetGroup: 'private',
  securityGroupIds: ['sg-1'],
  parameterGroups: ['tuned'],
  optionGroup: 'default:postgres-16',
  isEncrypted: false,
  kmsKeyId: null,
  hasDeletionProtection: true,
  copiesTagsToSnapshots: true,
  nodeCount: null,
  members: [],
  tags: [{ key: 'Name', value: 'orders' }],
  settings: { maintenanceWindow: 'mon:01:00-mon:01:30', iamAuthentication: true, logExports: ['postgresql'] },
  ...parts,
});

/** A region that has what the database needs, and more. */
export const buildOffer = (parts: Partial<DatabaseOffer> = {}): DatabaseOffer => ({
  databaseIds: ['orders'],
  clusterIds: ['shop'],
  subnetGroups: [
    { name: 'private', vpcId: 'vpc-1', zones: ['eu-central-1a', 'eu-central-1b'] },
    { name: 'other', vpcId: 'vpc-2', zones: ['eu-central-1c'] },
  ],
  securityGroups: [
    { groupId: 'sg-1', vpcId: 'vpc-1' },
    { groupId: 'sg-2', vpcId: 'vpc-2' },
  ],
  parameterGroups: [
    { name: 'tuned', family: 'postgres16' },
    { name: 'mysql', family: 'mysql8.0' },
  ],
  optionGroups: [{ name: 'mysql-options', engine: 'mysql', majorVersion: '8.0', vpcId: null }],
  classes: {
    'db.m6g.large': ['gp2', 'gp3', 'io1', 'io2'].map((storageType) => ({
      instanceClass: 'db.m6g.large',
      storageType,
      zones: ['eu-central-1a', 'eu-central-1b'],
      canBeMultiAz: true,
    })),
    'db.t3.micro': [
      { instanceClass: 'db.t3.micro', storageType: 'gp3', zones: ['eu-central-1b'], canBeMultiAz: false },
    ],
    'db.m1.small': [],
  },
  quotas: {
    databases: { used: 3, max: 40 },
    databaseClusters: { used: 1, max: 40 },
    storageGiB: { used: 100, max: 1000 },
  },
  ...parts,
});

/** A request for the recovery of that database under a free name. */
export function buildRequest<Choice>(
  choice: Choice,
  {
    configuration = buildDatabase(),
    offer = buildOffer(),
  }: { configuration?: DatabaseConfiguration; offer?: DatabaseOffer } = {},
): DatabaseRequest<Choice> {
  const { engine, engineVersion, sizeGiB } = configuration;
  return {
    configuration,
    choice,
    offer,
    source: { awsSnapshotId: 'cpm-1', sourceId: 'orders', engine, engineVersion, sizeGiB, restorableNodeTypes: [] },
    ownTags: [{ key: 'cpm:recovery', value: 'r-1' }],
  };
}
