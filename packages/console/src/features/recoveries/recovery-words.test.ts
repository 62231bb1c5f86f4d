import type { RecoveryPanel } from '@cpm/contract';
import { expect, test } from 'vitest';
import { awsConsoleLink } from '../../ui/aws-console.ts';
import { describeApiCall } from './api-call.ts';
import { inTurns } from './in-turns.ts';
import { instancesInput } from './instances-input.ts';
import { choosePlace, groupResources, placeLabel } from './panel-groups.ts';
import { idsOf, placeOf, readPlaceSearch, readResourcesSearch } from './place-search.ts';
import { readPointsSearch, readRecoverSearch } from './recover-search.ts';
import { sampleResource } from './sample-resources.ts';
import { summarizeGroup } from './summarize-group.ts';
import { isOf } from './use-recovery-stages.ts';

test('An address names a place whole or not at all, and resources each once', () => {
  expect(placeOf(readPlaceSearch({ account: 'a', region: 'eu-west-1' }))).toEqual({
    accountId: 'a',
    region: 'eu-west-1',
  });
  expect(placeOf(readPlaceSearch({ account: 'a' }))).toBeNull();
  expect(idsOf(readResourcesSearch({ resources: 'x,y,x,' }))).toEqual(['x', 'y']);
  expect(idsOf(readResourcesSearch({}))).toEqual([]);
});

test('What makes no sense in an address is left out', () => {
  expect(readRecoverSearch({ find: 'web', kind: 'bucket' })).toMatchObject({ find: 'web', kind: undefined });
  expect(readPointsSearch({ kind: 'instance', before: 'yesterday' })).toMatchObject({
    kind: 'instance',
    before: undefined,
  });
  expect(readPointsSearch({ before: '2026-11-29T10:00:00+01:00' }).before).toBe('2026-11-29T09:00:00.000Z');
});

const place = {
  accountId: 'a',
  accountName: 'acme',
  region: 'us-east-1',
  kind: 'origin',
  resourceIds: ['1', '2'],
} as const;
const elsewhere = { ...place, region: 'eu-west-1', resourceIds: ['3'] } as const;
const resource = {
  kind: 'instance',
  name: '',
  awsId: '',
  region: 'us-east-1',
  completedSnapshots: 1,
  ways: [],
} as const;
const panel: RecoveryPanel = {
  places: [
    { ...place, resourceIds: [...place.resourceIds] },
    { ...elsewhere, resourceIds: [...elsewhere.resourceIds] },
  ],
  resources: [
    { ...resource, resourceId: '1', ways: [] },
    { ...resource, kind: 'volume', resourceId: '2', ways: [] },
    { ...resource, resourceId: '3', region: 'eu-west-1', ways: [] },
    { ...resource, kind: 'database', resourceId: '4', ways: [{ way: 'database', isOffered: false, why: 'gone' }] },
  ],
};

test('The panel shows what can be brought back to the chosen place, the first unless told', () => {
  const [first, second] = panel.places;
  expect(choosePlace(panel, {})).toBe(first);
  expect(choosePlace(panel, { account: 'a', region: 'eu-west-1' })).toBe(second);
  expect(choosePlace({ places: [], resources: [] }, {})).toBeNull();
  if (!first) throw new Error('the sample has a place');
  expect(groupResources(panel, first).instances.map(({ resourceId }) => resourceId)).toEqual(['1']);
  expect(groupResources(panel, first).independent.map(({ resourceId }) => resourceId)).toEqual(['2']);
  expect(groupResources(panel, first).databases.map(({ resourceId }) => resourceId)).toEqual(['4']);
  expect(placeLabel(first)).toBe('acme, us-east-1 (where it was backed up)');
});

test('A call that is copied holds no credentials, and no quote of the text ends it', () => {
  const body = { name: "it's", credentials: { accessKeyId: 'AKIA', secretAccessKey: 'hush' } };
  const line = describeApiCall('https://cpm', { path: '/x', body });
  expect(line).not.toContain('hush');
  expect(line).not.toContain('AKIA');
  expect(line).toContain(`it'\\''s`);
  expect(line).toContain("'https://cpm/api/v1/x'");
});

test('A plan holds for the request it was made for', () => {
  const checked = { body: { count: 1 } };
  expect(isOf(checked, { count: 1 })).toBe(true);
  expect(isOf(checked, { count: 2 })).toBe(false);
  expect(isOf(null, { count: 1 })).toBe(false);
});

test('Several instances are asked for in one request', () => {
  const credentials = { isAccounts: true, accessKeyId: 'x', secretAccessKey: 'y', sessionToken: '' };
  const { id } = sampleResource();
  const asked = { resources: [sampleResource()], place: null };
  expect(instancesInput({ isAnyAddress: false, credentials }, asked)).toEqual({ instances: [{ resourceId: id }] });
  expect(instancesInput({ isAnyAddress: true, credentials }, asked).instances).toEqual([
    { resourceId: id, privateIp: null },
  ]);
});

test('Many are asked a few at a time, and answer in order', async () => {
  let running = 0;
  let most = 0;
  const answers = await inTurns([1, 2, 3, 4, 5], 2, async (one) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    return one * 10;
  });
  expect(answers).toEqual([10, 20, 30, 40, 50]);
  expect(most).toBe(2);
});

test('A group of recoveries is as far as its members are on average', () => {
  const summary = summarizeGroup([
    { status: 'in-progress', progressPercent: 50 },
    { status: 'failed', progressPercent: 20 },
  ]);
  expect(summary).toMatchObject({ running: 1, failed: 1, successful: 0, percent: 75 });
});

test.each([
  [
    'instance',
    'us-east-1',
    'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#InstanceDetails:instanceId=x',
  ],
  [
    'volume',
    'cn-north-1',
    'https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1#VolumeDetails:volumeId=x',
  ],
  [
    'database',
    'us-gov-west-1',
    'https://us-gov-west-1.console.amazonaws-us-gov.com/rds/home?region=us-gov-west-1#database:id=x;is-cluster=false',
  ],
  ['attachment', 'us-east-1', null],
])('AWS’s console shows a %s of %s', (kind, region, link) => {
  expect(awsConsoleLink(kind, region, 'x')).toBe(link);
});
