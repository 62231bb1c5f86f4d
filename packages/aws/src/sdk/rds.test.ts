import { describe, expect, test } from 'vitest';
import { awsCodeOf, isAlreadyThere, isSourceBusy, isWaitingForRoom } from '../port/errors.ts';
import { queryError, queryResult, type Reply } from '../testing/scripted-aws.ts';
import { withScript } from '../testing/scripted-gateway.ts';

const NAME = 'cpm-nightly-0a1b2c3d';
const INPUT = { awsSnapshotId: NAME, databaseId: 'orders', tags: { 'cpm:attempt': 'a-1' } };
const CLUSTER_INPUT = { awsSnapshotId: NAME, clusterId: 'sales', tags: { 'cpm:attempt': 'a-1' } };
const TAG_LIST = '<TagList><Tag><Key>cpm:attempt</Key><Value>a-1</Value></Tag></TagList>';

const snapshotXml = (name: string) =>
  `<DBSnapshot><DBSnapshotIdentifier>${name}</DBSnapshotIdentifier><Status>creating</Status>${TAG_LIST}</DBSnapshot>`;
const snapshots = (names: readonly string[], marker = '') =>
  queryResult(
    'DescribeDBSnapshots',
    `<DBSnapshots>${names.map(snapshotXml).join('')}</DBSnapshots>${marker === '' ? '' : `<Marker>${marker}</Marker>`}`,
  );
const created = queryResult('CreateDBSnapshot', snapshotXml(NAME));
const namesAsked = (params: URLSearchParams) =>
  [...params.entries()].filter(([key]) => key.includes('Value')).map(([, value]) => value);

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('should have been refused'),
    (thrown: unknown) => thrown,
  );

describe('a snapshot of a database', () => {
  test('is asked for by name, with its tags in the call', async () => {
    const { aws, rds } = await withScript(() => created);
    expect(await rds.createDatabaseSnapshot(INPUT)).toMatchObject({
      awsSnapshotId: NAME,
      state: 'creating',
      tags: INPUT.tags,
    });
    expect(Object.fromEntries(aws.asked[0]?.params ?? [])).toMatchObject({
      DBSnapshotIdentifier: NAME,
      DBInstanceIdentifier: 'orders',
      'Tags.Tag.1.Key': 'cpm:attempt',
      'Tags.Tag.1.Value': 'a-1',
    });
  });

  test('whose answer was lost is there when it is asked for again, and is found by its name', async () => {
    let made = 0;
    const { aws, rds } = await withScript(({ action }) => {
      if (action === 'DescribeDBSnapshots') return snapshots([NAME]);
      made += 1;
      return made === 1 ? 'hang up' : queryError('DBSnapshotAlreadyExists', 400);
    });
    const error = await refusal(rds.createDatabaseSnapshot(INPUT));
    expect([isAlreadyThere(error), isSourceBusy(error)]).toEqual([true, false]);
    expect(error).toMatchObject({ code: 'aws_conflict', outcomeUnknown: true });
    const [found] = await rds.describeDatabaseSnapshots([NAME]);
    expect(found?.tags).toEqual(INPUT.tags);
    expect(aws.asked.map(({ action }) => action)).toEqual([
      'CreateDBSnapshot',
      'CreateDBSnapshot',
      'DescribeDBSnapshots',
    ]);
  });

  test('stays uncertain when an answer was lost and the repeat is refused: the source may be busy with it', async () => {
    const { rds } = await withScript((_, count) =>
      count === 1 ? 'hang up' : queryError('InvalidDBInstanceState', 400),
    );
    const error = await refusal(rds.createDatabaseSnapshot(INPUT));
    expect(error).toMatchObject({ outcomeUnknown: true, aws: { code: 'InvalidDBInstanceState' } });
  });

  test('is uncertain when every answer is lost', async () => {
    const { rds } = await withScript(() => 'hang up');
    const error = await refusal(rds.createDatabaseSnapshot(INPUT));
    expect(error).toMatchObject({ code: 'aws_answer_lost', outcomeUnknown: true });
  });

  test('that AWS throttles is made once, after a wait', async () => {
    const { aws, rds } = await withScript((_, count) => (count < 3 ? queryError('Throttling', 400) : created));
    expect(await rds.createDatabaseSnapshot(INPUT)).toMatchObject({ awsSnapshotId: NAME });
    expect(aws.asked).toHaveLength(3);
  });

  test('that is gone already counts as deleted', async () => {
    const { rds } = await withScript(({ action }) =>
      action === 'DeleteDBSnapshot'
        ? queryError('DBSnapshotNotFound', 404)
        : queryError('DBClusterSnapshotNotFoundFault', 404),
    );
    expect(await rds.deleteDatabaseSnapshot(NAME)).toBe('alreadyGone');
    expect(await rds.deleteDatabaseClusterSnapshot(NAME)).toBe('alreadyGone');
  });
});

describe('what a refusal means, however AWS spells it', () => {
  const rows = [
    ['DBSnapshotAlreadyExists', 400, 'aws_conflict', { there: true, busy: false }],
    ['DBSnapshotAlreadyExistsFault', 400, 'aws_conflict', { there: true, busy: false }],
    ['DBClusterSnapshotAlreadyExistsFault', 400, 'aws_conflict', { there: true, busy: false }],
    ['InvalidDBInstanceState', 400, 'aws_conflict', { there: false, busy: true }],
    ['InvalidDBInstanceStateFault', 400, 'aws_conflict', { there: false, busy: true }],
    ['InvalidDBClusterStateFault', 400, 'aws_conflict', { there: false, busy: true }],
    ['InvalidDBSnapshotState', 400, 'aws_conflict', { there: false, busy: false }],
    ['SnapshotQuotaExceeded', 400, 'aws_limit', { there: false, busy: false }],
    ['SnapshotQuotaExceededFault', 400, 'aws_limit', { there: false, busy: false }],
    ['DBInstanceNotFound', 404, 'aws_missing', { there: false, busy: false }],
    ['DBClusterNotFoundFault', 404, 'aws_missing', { there: false, busy: false }],
    ['KMSKeyNotAccessibleFault', 400, 'aws_refused', { there: false, busy: false }],
    ['AccessDenied', 403, 'aws_denied', { there: false, busy: false }],
  ] as const;
  for (const [code, status, meaning, { there, busy }] of rows) {
    test(`${code} is ${meaning}, and nobody waits for room`, async () => {
      const { aws, rds } = await withScript(() => queryError(code, status));
      for (const call of [rds.createDatabaseSnapshot(INPUT), rds.createDatabaseClusterSnapshot(CLUSTER_INPUT)]) {
        const error = await refusal(call);
        expect(error).toMatchObject({ code: meaning, outcomeUnknown: false });
        expect(awsCodeOf(error)).toBe(code.replace(/Fault$/, ''));
        expect([isAlreadyThere(error), isSourceBusy(error)]).toEqual([there, busy]);
        expect(isWaitingForRoom(error)).toBe(false);
      }
      expect(aws.asked).toHaveLength(2);
    });
  }
});

describe('asking for names', () => {
  test('asks nothing when there are none', async () => {
    const { aws, rds } = await withScript(() => 'hang up');
    const answers = await Promise.all([
      rds.describeDatabases([]),
      rds.describeDatabaseClusters([]),
      rds.describeDatabaseSnapshots([]),
      rds.describeDatabaseClusterSnapshots(['']),
    ]);
    expect([answers.flat(), aws.asked]).toEqual([[], []]);
  });

  test('asks for a hundred a call, each once, whatever their case', async () => {
    const { aws, rds } = await withScript(({ params }) => snapshots(namesAsked(params)));
    const names = Array.from({ length: 250 }, (_, index) => `Cpm-${index}`);
    expect(await rds.describeDatabaseSnapshots([...names, ...names])).toHaveLength(250);
    const counts = aws.asked.map(({ params }) => namesAsked(params).length);
    expect(counts.toSorted((one, other) => one - other)).toEqual([50, 100, 100]);
    expect(aws.asked[0]?.params.get('Filters.Filter.1.Name')).toBe('db-snapshot-id');
  });

  test('finds the others where one unknown name fails the whole call', async () => {
    const { rds } = await withScript(({ params }) => {
      const names = namesAsked(params);
      return names.includes('gone') ? queryError('DBSnapshotNotFound', 404) : snapshots(names);
    });
    const found = await rds.describeDatabaseSnapshots(['a', 'b', 'gone', 'c', 'd']);
    expect(found.map(({ awsSnapshotId }) => awsSnapshotId).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('drops what was not asked for, should an endpoint not know the filter', async () => {
    const { rds } = await withScript(() => snapshots(['mine', 'foreign']));
    expect((await rds.describeDatabaseSnapshots(['mine'])).map(({ awsSnapshotId }) => awsSnapshotId)).toEqual(['mine']);
  });
});

describe('a listing of manual snapshots', () => {
  const listing = (replies: readonly Reply[]) => withScript((_, count) => replies[count - 1] ?? 'hang up');

  test('goes on until the marker is absent, and costs no call for tags', async () => {
    const { aws, rds } = await listing([snapshots(['a'], 'm1'), snapshots([], 'm2'), snapshots(['b'])]);
    const found = await rds.listManualDatabaseSnapshots();
    expect(found.map(({ awsSnapshotId, tags }) => [awsSnapshotId, tags])).toEqual([
      ['a', INPUT.tags],
      ['b', INPUT.tags],
    ]);
    expect(aws.asked.map(({ params }) => params.get('Marker'))).toEqual([null, 'm1', 'm2']);
    expect(new Set(aws.asked.map(({ action }) => action))).toEqual(new Set(['DescribeDBSnapshots']));
    expect(aws.asked[0]?.params.get('SnapshotType')).toBe('manual');
  });

  test('fails as a whole when one page fails', async () => {
    const { rds } = await listing([snapshots(['a'], 'm1'), queryError('AccessDenied', 403)]);
    await expect(rds.listManualDatabaseSnapshots()).rejects.toMatchObject({ code: 'aws_denied' });
  });

  test('that gets a page with status 200 instead of an answer is an error, never empty', async () => {
    const { rds } = await withScript(() => ({ html: '<html>Sign in</html>', status: 200 }));
    await expect(rds.listManualDatabaseSnapshots()).rejects.toMatchObject({ class: 'transient' });
  });
});

describe('the quotas of an account', () => {
  const quota = (name: string, used: number, max: number) =>
    `<AccountQuota><AccountQuotaName>${name}</AccountQuotaName><Used>${used}</Used><Max>${max}</Max></AccountQuota>`;
  const attributes = (inner: string) =>
    queryResult('DescribeAccountAttributes', `<AccountQuotas>${inner}</AccountQuotas>`);

  test('tell how many snapshots and databases there are and may be', async () => {
    const { rds } = await withScript(() =>
      attributes(
        quota('DBInstances', 3, 40) + quota('ManualSnapshots', 98, 100) + quota('ManualClusterSnapshots', 0, 100),
      ),
    );
    expect(await rds.readQuotas()).toEqual({
      manualSnapshots: { used: 98, max: 100 },
      manualClusterSnapshots: { used: 0, max: 100 },
      databases: { used: 3, max: 40 },
      databaseClusters: null,
      storageGiB: null,
    });
  });

  test('that AWS does not tell are unknown, not zero', async () => {
    const { rds } = await withScript(() => attributes(''));
    const untold = { manualSnapshots: null, manualClusterSnapshots: null };
    expect(await rds.readQuotas()).toEqual({ ...untold, databases: null, databaseClusters: null, storageGiB: null });
  });
});
