import type { Account, Backup, RecoveryPanel } from '@cpm/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  endOfRetention,
  letPass,
  named,
  refusal,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

const DAY = 86_400_000;

let at: TestServer;
let account: Account;
let first: Backup;
let second: Backup;
let webId: string;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  const names = ['web-1', 'files-win', 'web-eu-1', 'shared-assets'];
  const things = await Promise.all(names.map((name) => named(at, name)));
  webId = things[0]?.id ?? '';
  const targets = [
    ...things.map((thing) => targetOf(thing)),
    { kind: 'database', region: 'us-east-1', resourceId: 'acme-billing' },
    targetOf(await named(at, 'orders-db'), { take: 'none' }),
  ] as const;
  const policy = await addPolicy(at.anna, { account, targets, name: 'everything' });
  first = await runBackup(at, policy);
  await letPass(at, DAY);
  second = await runBackup(at, await addPolicy(at.anna, { account, targets: [targetOf(things[0]!)], name: 'web' }));
});
afterAll(() => at.stop());

const panelOf = (backup: { readonly id: string }): Promise<RecoveryPanel> =>
  at.anna.call('GET /backups/:backupId/recovery-panel', { params: { backupId: backup.id } });
const resourceIn = (panel: RecoveryPanel, name: string) => panel.resources.find((each) => each.name === name);
const search = (query: {
  search?: string;
  kind?: 'instance' | 'volume' | 'database';
  limit?: number;
  cursor?: string;
}) => at.anna.call('GET /recoverable-resources', { query });
const pointsOf = (query: { before?: string; limit?: number; cursor?: string; awsId?: string } = {}) =>
  at.anna.call('GET /recovery-points', {
    query: { accountId: account.id, kind: 'instance', region: 'us-east-1', awsId: webId, ...query },
  });

describe('the panel of a backup', () => {
  test('names every place the backup has something in, with what can come back there', async () => {
    const { places, resources } = await panelOf(first);
    expect(places.map(({ region, kind, accountId }) => [region, kind, accountId])).toEqual([
      ['eu-west-1', 'origin', account.id],
      ['us-east-1', 'origin', account.id],
    ]);
    expect(places[0]?.resourceIds).toEqual([resourceIn({ places, resources }, 'web-eu-1')?.resourceId]);
    const ids = (await resourcesOf(at, first)).map(({ id }) => id);
    expect(resources.map(({ resourceId }) => resourceId)).toEqual(ids);
  });

  test('tells for each resource the ways in which it can come back', async () => {
    const panel = await panelOf(first);
    expect(resourceIn(panel, 'web-1')).toMatchObject({
      kind: 'instance',
      awsId: webId,
      completedSnapshots: 2,
      ways: [
        { way: 'instance', isOffered: true, why: null },
        { way: 'volumes', isOffered: true, why: null },
      ],
    });
    expect(resourceIn(panel, 'shared-assets')?.ways).toEqual([{ way: 'volumes', isOffered: true, why: null }]);
    expect(resourceIn(panel, 'billing')?.ways).toEqual([{ way: 'database', isOffered: true, why: null }]);
    const windows = resourceIn(panel, 'files-win');
    const how = expect.stringMatching(/from an image, whose root volume is then replaced.*Windows/) as string;
    expect(windows?.ways[0]).toEqual({ way: 'instance', isOffered: true, why: how });
    expect(windows?.ways[1]).toEqual({ way: 'volumes', isOffered: true, why: null });
  });

  test('brings an instance back from its configuration alone, and says why nothing else comes of it', async () => {
    expect(resourceIn(await panelOf(first), 'orders-db')?.ways).toMatchObject([
      { way: 'instance', isOffered: true, why: expect.stringContaining('launched from an image') as string },
      { way: 'volumes', isOffered: false, why: expect.stringContaining('no completed snapshot') as string },
    ]);
  });

  test('offers nothing of a backup that is being deleted, and says so', async () => {
    const policy = await addPolicy(at.anna, { account, targets: [targetOf(await named(at, 'web-2'))] });
    const backup = await runBackup(at, policy);
    expect((await search({ search: 'web-2' })).items).toMatchObject([{ name: 'web-2', points: 1 }]);
    const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DeleteSnapshot' } });
    const { snapshots } = (await resourcesOf(at, backup))[0] ?? { snapshots: [] };
    await at.anna.call('DELETE /backups/:backupId', {
      params: { backupId: backup.id },
      query: { snapshots: snapshots.length },
    });
    const marked = await panelOf(backup);
    expect(marked.places).toMatchObject([{ region: 'us-east-1', resourceIds: [] }]);
    for (const { isOffered, why } of marked.resources.flatMap(({ ways }) => ways)) {
      expect([isOffered, why]).toEqual([false, expect.stringContaining('being deleted')]);
    }
    expect((await search({ search: 'web-2' })).items).toEqual([]);
    await allow();
    await endOfRetention(at, policy);
  });
});

describe('the search for what can be brought back', () => {
  test('shows everything once, by name, with how often, and when first and last', async () => {
    const { items, next } = await search({});
    expect(next).toBeNull();
    expect(items.map(({ name }) => name)).toEqual([
      'billing',
      'files-win',
      'orders-db',
      'shared-assets',
      'web-1',
      'web-eu-1',
    ]);
    expect(items.find(({ name }) => name === 'web-1')).toEqual({
      accountId: account.id,
      accountName: account.name,
      kind: 'instance',
      region: 'us-east-1',
      awsId: webId,
      name: 'web-1',
      points: 2,
      newestAt: second.startedAt,
      oldestAt: first.startedAt,
    });
  });

  test.each([
    ['a part of a name in any case', { search: 'WEB' }, ['web-1', 'web-eu-1']],
    ['a kind', { kind: 'volume' as const }, ['shared-assets']],
    ['both', { search: 'i', kind: 'database' as const }, ['billing']],
    ['signs of LIKE as they are', { search: '%' }, []],
    ['an underscore as it is', { search: 'web_1' }, []],
    ['a backslash as it is', { search: '\\' }, []],
    ['what there is none of', { search: 'nobody' }, []],
    ['nothing at all', { search: '' }, ['billing', 'files-win', 'orders-db', 'shared-assets', 'web-1', 'web-eu-1']],
  ])('finds %s', async (_, query, names) => {
    expect((await search(query)).items.map(({ name }) => name)).toEqual(names);
  });

  test('finds a part of an AWS id, goes on from page to page, and refuses the cursor of another list', async () => {
    expect((await search({ search: webId.slice(2, 12).toUpperCase() })).items.map(({ awsId }) => awsId)).toEqual([
      webId,
    ]);
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await search({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(['billing', 'files-win', 'orders-db', 'shared-assets', 'web-1', 'web-eu-1']);
    const other = (await pointsOf({ limit: 1 })).next ?? '';
    expect((await refusal(search({ cursor: other }))).fields).toMatchObject([{ path: 'query.cursor' }]);
  });

  test('shows the newest name, and one AWS id in two accounts twice', async () => {
    const again = await addAccount(at.anna);
    const assets = await named(at, 'shared-assets');
    const tag = (Value: string) =>
      at.aws.act('us-east-1', 'CreateTags', { Resources: [assets.id], Tags: [{ Key: 'Name', Value }] });
    await tag('renamed-assets');
    await runBackup(at, await addPolicy(at.anna, { account: again, targets: [targetOf(assets)] }));
    const held = async () =>
      (await search({ search: assets.id })).items.map(({ name, accountId }) => [name, accountId]);
    expect(await held()).toEqual([
      ['renamed-assets', again.id],
      ['shared-assets', account.id],
    ]);
    await runBackup(at, await addPolicy(at.anna, { account, targets: [targetOf(assets)] }));
    expect((await held()).map(([name]) => name)).toEqual(['renamed-assets', 'renamed-assets']);
    expect((await search({ search: 'shared-assets' })).items).toEqual([]);
    await tag('shared-assets');
  });

  test('is everybody’s own', async () => {
    expect((await at.ben.call('GET /recoverable-resources', { query: {} })).items).toEqual([]);
    const query = { accountId: account.id, kind: 'instance' as const, region: 'us-east-1', awsId: webId };
    expect((await at.ben.call('GET /recovery-points', { query })).items).toEqual([]);
  });
});

describe('the moments to which a resource can be brought back', () => {
  test('come newest first, page by page', async () => {
    const page = await pointsOf({ limit: 1 });
    expect(page.items).toMatchObject([
      { backupId: second.id, at: second.startedAt, policyName: 'web', backupStatus: 'successful', isFrozen: false },
    ]);
    expect(page.items[0]).toMatchObject({ completedSnapshots: 2, snapshots: 2 });
    const rest = await pointsOf({ limit: 1, cursor: page.next ?? '' });
    expect(rest).toMatchObject({ items: [{ backupId: first.id, policyName: 'everything' }], next: null });
    const [web] = (await resourcesOf(at, second)).map(({ id }) => id);
    expect(page.items[0]?.resourceId).toBe(web);
  });

  test('are those by then, where a time is named', async () => {
    const idsBefore = async (before: string) => (await pointsOf({ before })).items.map(({ backupId }) => backupId);
    const justBefore = new Date(Date.parse(second.startedAt) - 1).toISOString();
    expect(await idsBefore(second.startedAt)).toEqual([second.id, first.id]);
    expect(await idsBefore(justBefore)).toEqual([first.id]);
    expect(await idsBefore('2026-01-01T00:00:00+02:00')).toEqual([]);
    expect((await refusal(pointsOf({ before: 'yesterday' }))).fields).toMatchObject([{ path: 'query.before' }]);
    expect((await pointsOf({ awsId: 'i-0123456789abcdef0' })).items).toEqual([]);
  });

  test('tell of the freezer', async () => {
    await at.anna.call('POST /backups/:backupId/freeze', { params: { backupId: first.id }, body: { name: 'kept' } });
    expect((await pointsOf()).items.map(({ isFrozen }) => isFrozen)).toEqual([false, true]);
  });
});

describe('while a region is down', () => {
  test('everything that a recovery begins with answers from the records, without a call to AWS', async () => {
    const web = (await resourcesOf(at, second))[0];
    const recovery = await endOfRecovery(
      at,
      await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
        params: { backupId: second.id },
        body: { volumes: [{ snapshotId: web?.snapshots[0]?.id ?? '' }] },
      }),
    );
    const clear = await at.aws.fault({ kind: 'region-down', match: { region: 'us-east-1' } });
    const calls = (await at.aws.calls()).length;
    expect((await panelOf(second)).resources[0]?.ways[0]?.isOffered).toBe(true);
    expect((await search({ search: 'web-1' })).items).toHaveLength(1);
    expect((await pointsOf()).items).toHaveLength(2);
    expect((await at.anna.call('GET /recoveries', { query: {} })).items.map(({ id }) => id)).toContain(recovery.id);
    const shown = await at.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: recovery.id } });
    expect(shown.status).toBe('successful');
    expect((await at.aws.calls()).length).toBe(calls);
    await clear();
  });
});
