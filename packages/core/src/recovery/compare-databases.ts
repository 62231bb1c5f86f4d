import {
  compareFields,
  inWords,
  tagsInWords,
  wishFor,
  type AskedInputs,
  type ComparedField,
  type FieldSpec,
} from './compare-configurations.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';

type Named<Key extends keyof DatabaseConfiguration> = readonly [field: string, key: Key, wish?: string];

const plain = ([field, key, input]: Named<keyof DatabaseConfiguration>): FieldSpec<DatabaseConfiguration> => ({
  field,
  of: (configuration) => inWords(configuration[key]),
  ...(input === undefined ? {} : { wish: wishFor(input) }),
});

const NAMED: readonly Named<keyof DatabaseConfiguration>[] = [
  ['engine', 'engine'],
  ['engine version', 'engineVersion'],
  ['storage type', 'storageType', 'storageType'],
  ['size in GiB', 'sizeGiB', 'sizeGiB'],
  ['database name', 'databaseName'],
  ['master user', 'masterUsername'],
  ['port', 'port', 'port'],
  ['publicly accessible', 'isPubliclyAccessible', 'isPubliclyAccessible'],
  ['subnet group', 'subnetGroup', 'subnetGroup'],
  ['security groups', 'securityGroupIds', 'securityGroupIds'],
  ['parameter groups', 'parameterGroups', 'parameterGroup'],
  ['option group', 'optionGroup', 'optionGroup'],
  ['encrypted', 'isEncrypted'],
  ['encryption key', 'kmsKeyId'],
  ['deletion protection', 'hasDeletionProtection', 'hasDeletionProtection'],
  ['copies tags to snapshots', 'copiesTagsToSnapshots'],
  ['nodes', 'nodeCount', 'nodeCount'],
];

const FIELDS: readonly FieldSpec<DatabaseConfiguration>[] = [
  {
    field: 'class',
    of: ({ instanceClass }) => inWords(instanceClass),
    wish: (inputs) => wishFor('instanceClass')(inputs) ?? wishFor('nodeType')(inputs),
  },
  ...NAMED.map(plain),
  { field: 'IOPS', of: ({ iops }) => inWords(iops), wish: wishFor('iops'), follows: ['storageType', 'sizeGiB'] },
  {
    field: 'MiB/s',
    of: ({ throughputMiBs }) => inWords(throughputMiBs),
    wish: wishFor('throughputMiBps'),
    follows: ['storageType', 'sizeGiB'],
  },
  // A cluster is in as many zones as its members.
  { field: 'Multi-AZ', of: ({ isMultiAz }) => inWords(isMultiAz), wish: wishFor('isMultiAz'), follows: ['members'] },
  {
    field: 'zones',
    of: ({ zones }) => inWords(zones),
    follows: ['zone', 'isMultiAz', 'subnetGroup'],
  },
  { field: 'network', of: ({ vpcId }) => inWords(vpcId), follows: ['subnetGroup'] },
  {
    field: 'members',
    of: ({ members }) => inWords(members.map(({ instanceClass }) => instanceClass)),
    follows: ['members'],
  },
  {
    field: 'tags',
    of: ({ tags }) => tagsInWords(tags),
    wish: ({ preserveTags }) => (preserveTags === false ? inWords(null) : undefined),
  },
];

/** Names, addresses, states and moments are of the one database that has them. */
const ITS_OWN = new Set([
  'arn',
  'host',
  'readerHost',
  'databaseId',
  'clusterId',
  'resourceId',
  'createdAt',
  'state',
  'availability',
  'masterSecretArn',
  'replicaIds',
  'elasticIp',
  'restore',
]);

/** What has a field of its own already. */
const TOLD = new Set(['vpcId', 'instanceClass', 'allocatedGiB']);

/** A database or cluster and what was made of it, with everything that was recorded of its settings. */
export function compareDatabases(
  original: DatabaseConfiguration,
  recovered: DatabaseConfiguration,
  inputs: AskedInputs,
): ComparedField[] {
  const names = Object.keys(original.settings).filter((name) => !ITS_OWN.has(name) && !TOLD.has(name));
  const settings = names
    .toSorted((one, other) => one.localeCompare(other))
    .map((name): FieldSpec<DatabaseConfiguration> => ({
      field: wordsOf(name),
      of: ({ settings: all }) => (Object.hasOwn(all, name) ? inWords(all[name]) : null),
    }));
  return compareFields([...FIELDS, ...settings], { original, recovered }, inputs);
}

const SHORT = /\b(arn|http|iam|kms|tde|vpc)(s?)\b/g;

/** `backupRetentionDays` → `backup retention days`, `iamRoleArns` → `IAM role ARNs`, `maxAllocatedGiB` → `max allocated GiB`. */
const wordsOf = (name: string): string =>
  name
    .split(/(?=GiB)|(?<!Gi)(?=[A-Z])/)
    .map((word) => (word === 'GiB' ? word : word.toLowerCase()))
    .join(' ')
    .replaceAll(SHORT, (_, word: string, plural: string) => word.toUpperCase() + plural);
