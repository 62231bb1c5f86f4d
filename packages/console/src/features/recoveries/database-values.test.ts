import type { BackedUpResource } from '@cpm/contract';
import { expect, test } from 'vitest';
import { databaseLists, databaseVpc } from './database-lists.ts';
import {
  databaseClusterInput,
  databaseFormPath,
  databaseInput,
  databaseProblems,
  initialDatabase,
  redshiftClusterInput,
  type DatabaseValues,
} from './database-values.ts';
import { sampleResource } from './sample-resources.ts';

const members = [
  { identifier: 'shop-2', instanceClass: 'db.r6g.large', isWriter: false, promotionTier: 1 },
  { identifier: 'shop-1', instanceClass: 'db.r6g.xlarge', isWriter: true, promotionTier: 0 },
];
const database = { members } as unknown as BackedUpResource['database'];
const resource = sampleResource({ kind: 'database-cluster', database });
const about = { resource, place: null };
const initial = initialDatabase(resource);
const as = { resourceId: resource.id };

test('Forms that nobody touched ask for everything as it was', () => {
  expect(databaseInput(initial, about)).toEqual(as);
  expect(databaseClusterInput(initial, about)).toEqual(as);
  expect(redshiftClusterInput(initial, about)).toEqual(as);
  expect(databaseProblems(initial, [])).toEqual([]);
});

test.each<[Partial<DatabaseValues>, object]>([
  [{ newId: ' crm-2 ' }, { databaseId: 'crm-2' }],
  [{ instanceClass: 'db.m6g.large' }, { instanceClass: 'db.m6g.large' }],
  [{ zone: 'eu-central-1b' }, { zone: 'eu-central-1b' }],
  [{ zone: 'eu-central-1b', isAnyZone: true }, { zone: null }],
  [
    { isMultiAz: 'yes', zone: 'eu-central-1b' },
    { isMultiAz: true, zone: null },
  ],
  [
    { isMultiAz: 'no', zone: 'eu-central-1b' },
    { isMultiAz: false, zone: 'eu-central-1b' },
  ],
  [{ port: 5433 }, { port: 5433 }],
  [
    { subnetGroup: 'main', parameterGroup: 'p', optionGroup: 'o' },
    { subnetGroup: 'main', parameterGroup: 'p', optionGroup: 'o' },
  ],
  [{ securityGroupIds: ['sg-0000000a · web'] }, { securityGroupIds: ['sg-0000000a'] }],
  [
    { isPubliclyAccessible: 'no', hasDeletionProtection: 'yes' },
    { isPubliclyAccessible: false, hasDeletionProtection: true },
  ],
  [
    { storageType: 'io2', sizeGiB: 200, iops: 3000 },
    { storageType: 'io2', sizeGiB: 200, iops: 3000 },
  ],
  [
    { storageType: 'gp3', throughputMiBps: 500 },
    { storageType: 'gp3', throughputMiBps: 500 },
  ],
  [{ preserveTags: false }, { preserveTags: false }],
])('A database with %o', (parts, expected) => {
  expect(databaseInput({ ...initial, ...parts }, about)).toEqual({ ...as, ...expected });
});

test('The members of a cluster are those it had, its writer first, and are named only where they differ', () => {
  expect(initial.members.map(({ databaseId }) => databaseId)).toEqual(['shop-1', 'shop-2']);
  const changed = { ...initial, newId: 'shop-new', members: [{ databaseId: ' shop-new-1 ', instanceClass: '' }] };
  expect(databaseClusterInput(changed, about)).toEqual({
    ...as,
    clusterId: 'shop-new',
    members: [{ databaseId: 'shop-new-1' }],
  });
  expect(databaseClusterInput({ ...initial, members: [] }, about)).toEqual({ ...as, members: [] });
});

test('A Redshift cluster is asked for by its words', () => {
  const values = { ...initial, newId: 'wh-2', instanceClass: 'ra3.4xlarge', nodeCount: 4, isAnyZone: true };
  expect(redshiftClusterInput(values, about)).toEqual({
    ...as,
    clusterId: 'wh-2',
    nodeType: 'ra3.4xlarge',
    nodeCount: 4,
    zone: null,
  });
});

test.each<[string, Partial<DatabaseValues>]>([
  ['newId', { newId: '1crm' }],
  ['newId', { newId: 'CRM' }],
  ['newId', { newId: 'crm--2' }],
  ['port', { port: 0 }],
  ['port', { port: 70_000 }],
  ['securityGroupIds', { securityGroupIds: ['web'] }],
  [
    'members.1.databaseId',
    {
      members: [
        { databaseId: 'a', instanceClass: '' },
        { databaseId: '', instanceClass: '' },
      ],
    },
  ],
])('What can be seen to be wrong of %s is told before AWS is asked', (path, parts) => {
  expect(databaseProblems({ ...initial, ...parts }, ['crm']).map((problem) => problem.path)).toEqual([path]);
});

test('Groups are offered that go with the kind, the engine and the network', () => {
  const group = (name: string) => ({ name, family: 'f' });
  const choices = {
    zones: ['eu-central-1a'],
    securityGroups: [],
    databaseSubnetGroups: [{ name: 'main', vpcId: 'vpc-0000000a', zones: [] }],
    parameterGroups: [group('db')],
    clusterParameterGroups: [group('cluster')],
    optionGroups: [
      { name: 'for-mysql', engine: 'mysql', majorVersion: '8.0' },
      { name: 'for-oracle', engine: 'oracle-ee', majorVersion: '19' },
    ],
    redshiftSubnetGroups: [{ name: 'wh', vpcId: 'vpc-0000000b', zones: [] }],
    redshiftParameterGroups: [group('redshift')],
    databaseIds: ['crm'],
    databaseClusterIds: ['shop'],
    redshiftClusterIds: ['warehouse'],
  };
  const mysql = sampleResource({
    kind: 'database',
    database: {
      engine: 'mysql',
      members: [],
      zones: [],
      parameterGroups: ['mine'],
      vpcId: 'vpc-9',
    } as unknown as BackedUpResource['database'],
  });
  const lists = databaseLists(mysql, 'database', choices);
  expect(lists).toMatchObject({ parameterGroups: ['mine', 'db'], optionGroups: ['for-mysql'], takenIds: ['crm'] });
  expect(databaseLists(mysql, 'redshift-cluster', choices)).toMatchObject({ takenIds: ['warehouse'] });
  expect(databaseLists(mysql, 'database-cluster', undefined)).toMatchObject({
    parameterGroups: ['mine'],
    takenIds: [],
  });
  expect(databaseVpc('main', lists, mysql)).toBe('vpc-0000000a');
  expect(databaseVpc('', lists, mysql)).toBe('vpc-9');
  expect(databaseVpc('typed', lists, mysql)).toBeNull();
});

test('What the server objects to is found by the field that it is in', () => {
  expect(['databaseId', 'clusterId', 'nodeType', 'port'].map(databaseFormPath)).toEqual([
    'newId',
    'newId',
    'instanceClass',
    'port',
  ]);
});
