import type { BackedUpResource, Backup } from '@cpm/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount, addPolicy, named, refusal, resourcesOf, runBackup, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const LINUX = 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64';
let at: TestServer;
let backup: Backup;
let resources: Record<string, BackedUpResource>;
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const things = await Promise.all(['web-1', 'orders-db', 'files-win'].map((name) => named(at, name)));
  const own = await launchFromOwnImage();
  const targets = [
    ...things.map((thing) => targetOf(thing)),
    { kind: 'instance' as const, region: 'us-east-1', resourceId: own },
  ];
  backup = await runBackup(at, await addPolicy(at.anna, { account, targets }));
  resources = Object.fromEntries((await resourcesOf(at, backup)).map((resource) => [resource.resourceName, resource]));
});
afterAll(() => at.stop());

/** An instance of an image of the company's own, of which there is a younger version too. */
async function launchFromOwnImage(): Promise<string> {
  const act = (action: string, input: object) => at.aws.act('us-east-1', action, input);
  const web = await named(at, 'web-1');
  await act('CreateImage', { InstanceId: web.id, Name: 'acme-golden-20260501', NoReboot: true });
  await act('CreateImage', { InstanceId: web.id, Name: 'acme-golden-20260515', NoReboot: true });
  await at.clock.advance(600_000);
  const found = await act('DescribeImages', { Owners: ['self'], Filters: [{ Name: 'name', Values: ['*20260501'] }] });
  const made = await act('RunInstances', {
    ImageId: found['Images']?.[0]?.['ImageId'],
    MinCount: 1,
    MaxCount: 1,
    InstanceType: 't3.micro',
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'golden' }] }],
  });
  await at.clock.advance(60_000);
  return String(made['Instances']?.[0]?.['InstanceId']);
}

type Query = { match?: 'exact' | 'similar'; region?: string };
const find = (name: string, query: Query = {}) =>
  at.anna.call('GET /backups/:backupId/resources/:resourceId/images', {
    params: { backupId: backup.id, resourceId: resources[name]?.id ?? '' },
    query,
  });

test('exact matches are the very image first, then its other versions by the same owner, the youngest first', async () => {
  const { original, items } = await find('web-1');
  expect(original).toMatchObject({
    isThere: true,
    details: { name: LINUX, ownerAlias: 'amazon', architecture: 'x86_64' },
  });
  expect(items.map(({ name, likenessPercent }) => [name, likenessPercent])).toEqual([
    [LINUX, 100],
    ['al2023-ami-2023.9.20251208.0-kernel-6.1-x86_64', 97],
    ['al2023-ami-2023.8.20250915.0-kernel-6.1-x86_64', 97],
  ]);
  expect(items[0]).toMatchObject({ imageId: original.imageId, differences: [] });
});

test('similar ones are also kin of the owner and the same name by others, each with what differs', async () => {
  const { items } = await find('web-1', { match: 'similar' });
  const names = items.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual((await find('web-1')).items.map(({ name }) => name));
  expect(names).toContain('al2023-ami-minimal-2023.9.20251110.1-kernel-6.1-x86_64');
  expect(names).toContain('al2023-ami-2023.9.20251110.1-kernel-6.1-arm64');
  expect(names.join()).not.toMatch(/Windows|ubuntu/);
  const lookAlike = items.find(({ ownerAlias }) => ownerAlias === 'aws-marketplace');
  expect(lookAlike).toMatchObject({ name: LINUX, differences: [{ field: 'ownerId', original: '137112412989' }] });
});

test('the same offering is found in another region, under the id that it has there', async () => {
  const [here, there] = [await find('web-1'), await find('web-1', { region: 'eu-west-1' })];
  expect(there.items.map(({ name }) => name)).toEqual(here.items.map(({ name }) => name));
  expect(there.items[0]?.imageId).not.toBe(here.items[0]?.imageId);
  expect(there.original).toEqual(here.original);
});

test.each([
  ['orders-db', /^ubuntu\/images\/hvm-ssd-gp3\/ubuntu-noble-24\.04-amd64-server-\d{8}$/],
  ['files-win', /^Windows_Server-2022-English-Full-Base-[\d.]+$/],
  ['golden', /^acme-golden-\d{8}$/],
])('two versions of the image of %s are found', async (name, pattern) => {
  const { items } = await find(name);
  expect(items).toHaveLength(2);
  for (const item of items) expect(item.name).toMatch(pattern);
});

test('an image that is gone is told of from the record, and its younger version is found', async () => {
  const { original } = await find('golden');
  await at.aws.act('us-east-1', 'DeregisterImage', { ImageId: original.imageId });
  const after = await find('golden');
  expect(after.original).toMatchObject({
    imageId: original.imageId,
    isThere: false,
    details: { name: 'acme-golden-20260501' },
  });
  expect(after.items.map(({ name }) => name)).toEqual(['acme-golden-20260515']);
});

test('a resource that is no instance of the backup, a region that is none, and a denial are said so', async () => {
  const call = (resourceId: string, query: Query = {}) =>
    refusal(
      at.anna.call('GET /backups/:backupId/resources/:resourceId/images', {
        params: { backupId: backup.id, resourceId },
        query,
      }),
    );
  expect(await call(backup.id)).toMatchObject({ code: 'recovery_refused', fields: [{ path: 'resourceId' }] });
  expect(await call(resources['web-1']?.id ?? '', { region: 'nowhere' })).toMatchObject({ status: 400 });
  const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeImages' } });
  expect(await call(resources['web-1']?.id ?? '')).toMatchObject({ code: 'aws_denied' });
  await allow();
});
