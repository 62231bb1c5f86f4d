import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACME } from './support/simulated-aws.ts';
import { addAccount, addPolicy, addSchedule, named, refusal, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
});
afterAll(() => at.stop());

const fieldsOf = (problem: { fields?: { path: string; message: string }[] | undefined }) =>
  Object.fromEntries((problem.fields ?? []).map(({ path, message }) => [path, message]));

describe('AWS keys', () => {
  const save = (keys: { accessKeyId: string; secretAccessKey: string }) =>
    refusal(at.anna.call('POST /accounts', { body: { name: 'refused', ...keys } }));
  const count = async () => (await at.anna.call('GET /accounts', {})).items.length;

  test.each([
    ['an unknown access key', { ...ACME.production, accessKeyId: 'AKIANOBODYKNOWSTHIS1' }, 'InvalidClientTokenId'],
    ['a wrong secret key', { ...ACME.production, secretAccessKey: 'x'.repeat(40) }, 'SignatureDoesNotMatch'],
  ])(
    '%s is refused at save with AWS’s code, the action and the request, and nothing is stored',
    async (_, keys, code) => {
      const before = await count();
      const problem = await save(keys);
      expect(problem).toMatchObject({
        status: 422,
        code: 'aws_credentials_refused',
        aws: { code, action: 'sts:GetCallerIdentity', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      });
      expect(problem.detail).toContain(code);
      expect(JSON.stringify(problem)).not.toContain(keys.secretAccessKey);
      expect(await count()).toBe(before);
    },
  );

  test('keys that may not even list regions are refused with the action that is missing', async () => {
    const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeRegions' } });
    const problem = await save(ACME.recovery);
    await allow();
    expect(problem).toMatchObject({
      status: 422,
      code: 'aws_denied',
      title: 'AWS does not allow these credentials to call ec2:DescribeRegions.',
      aws: { code: 'UnauthorizedOperation', action: 'ec2:DescribeRegions', requestId: expect.any(String) },
    });
  });

  test('a denied listing is an error with its action, never an empty list', async () => {
    const allow = await at.aws.fault({ kind: 'deny', match: { action: 'DescribeInstances' } });
    const params = { accountId: account.id, region: 'us-east-1' };
    const problem = await refusal(
      at.anna.call('GET /accounts/:accountId/regions/:region/resources', { params, query: { kind: 'instance' } }),
    );
    await allow();
    expect(problem).toMatchObject({ status: 422, code: 'aws_denied', aws: { action: 'ec2:DescribeInstances' } });
  });

  test('keys of another AWS account do not replace an account’s keys, and half a pair is refused', async () => {
    const params = { accountId: account.id };
    const other = await refusal(at.anna.call('PATCH /accounts/:accountId', { params, body: { ...ACME.recovery } }));
    expect(other).toMatchObject({ status: 400 });
    expect(fieldsOf(other)['accessKeyId']).toContain('444455556666');
    const half = await refusal(
      at.anna.call('PATCH /accounts/:accountId', { params, body: { accessKeyId: ACME.production.accessKeyId } }),
    );
    expect(Object.keys(fieldsOf(half))).toEqual(['secretAccessKey']);
    expect(await at.anna.call('POST /accounts/:accountId/verify', { params })).toMatchObject({ id: account.id });
  });

  test('keys in a form that AWS never gives out are refused before AWS is asked', async () => {
    const before = (await at.aws.calls()).length;
    for (const accessKeyId of [
      '',
      'short',
      'akialowercase0000001',
      'AKIA; rm -rf / 00001',
      'USE_IAM_ROLE',
      'use_iam_role',
    ]) {
      expect((await save({ ...ACME.production, accessKeyId })).status).toBe(400);
    }
    for (const secretAccessKey of ['', 'short', `${'x'.repeat(30)}\n`, 'ü'.repeat(30)]) {
      expect((await save({ ...ACME.production, secretAccessKey })).status).toBe(400);
    }
    expect((await at.aws.calls()).length).toBe(before);
  });

  test('the same AWS account twice is stored with a warning', async () => {
    const twin = await addAccount(at.anna);
    expect(twin.warnings).toEqual([`The account ${account.name} reaches the same AWS account.`]);
  });

  test('an AWS that cannot be reached is said to be so', async () => {
    const healthy = await at.aws.fault({ kind: 'error503', match: { service: 'sts' } });
    const pending = refusal(at.anna.call('POST /accounts/:accountId/verify', { params: { accountId: account.id } }));
    let told: Awaited<typeof pending> | undefined;
    void pending.then((problem) => (told = problem));
    await at.runUntil('the answer came', async () => {
      await at.clock.advance(500);
      return told !== undefined;
    });
    await healthy();
    expect(told).toMatchObject({ status: 503, code: 'aws_unavailable', aws: { action: 'sts:GetCallerIdentity' } });
  });
});

describe('regions', () => {
  test.each(['mx-north-1', 'us-east-9', 'eu-south-1'])(
    'the region %s, which is not there or not enabled, is named',
    async (region) => {
      const policy = await addPolicy(at.anna, { account });
      const problem = await refusal(
        at.anna.call('POST /policies/:policyId/targets', {
          params: { policyId: policy.id },
          body: { targets: [{ kind: 'volume', region, resourceId: 'vol-0123456789abcdef0' }] },
        }),
      );
      expect(problem).toMatchObject({ status: 400 });
      expect(fieldsOf(problem)['targets.0.region']).toContain(region);
      const browse = await refusal(
        at.anna.call('GET /accounts/:accountId/regions/:region/resources', {
          params: { accountId: account.id, region },
          query: { kind: 'instance' },
        }),
      );
      expect(browse).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(Object.keys(fieldsOf(browse))).toEqual(['params.region']);
    },
  );

  test.each(['..%2f..%2fetc', 'us-east-1.evil.example', 'us-east-1%00', '169.254.169.254', 'localhost', 'US-EAST-1'])(
    'the region %s, which would change where calls go, reaches nobody',
    async (region) => {
      const answer = await at.anna.raw('GET', `/accounts/${account.id}/regions/${region}/resources?kind=instance`);
      expect([400, 404]).toContain(answer.status);
      const asked = new Set((await at.aws.calls()).map((call) => call.region));
      expect(asked.has(decodeURIComponent(region))).toBe(false);
    },
  );
});

describe('schedules', () => {
  const save = (wish: Parameters<typeof addSchedule>[1]) => refusal(addSchedule(at.anna, wish));
  const WRONG: [string, Parameters<typeof addSchedule>[1], string][] = [
    ['an unknown time zone', { zone: 'Mars/Olympus' }, 'zone'],
    ['a zone that is a path', { zone: '../../etc/passwd' }, 'zone'],
    ['an end before the start', { startLocal: '2026-06-02T10:00', endAt: '2026-06-01T10:00:00Z' }, 'endAt'],
    ['an end at the start', { startLocal: '2026-06-02T10:00', endAt: '2026-06-02T10:00:00Z' }, 'endAt'],
    ['an end without an offset', { endAt: '2026-07-01T10:00:00' }, 'endAt'],
    ['no week day', { activeDays: [] }, 'activeDays'],
    ['a week day twice', { activeDays: ['monday', 'monday'] as never }, 'activeDays'],
    ['an interval of nothing', { repeat: { every: 0, unit: 'days' } }, 'repeat.every'],
    ['half an interval', { repeat: { every: 1.5, unit: 'days' } }, 'repeat.every'],
    ['an interval of more than ten years', { repeat: { every: 11 * 366, unit: 'days' } }, 'repeat.every'],
    ['a unit nobody knows', { repeat: { every: 1, unit: 'fortnights' as never } }, 'repeat.unit'],
    ['a start that is no day', { startLocal: '2026-02-30T10:00' }, 'startLocal'],
    [
      'disabled times that end when they start',
      { disabledTimes: [{ day: 'every', start: '10:00', finish: '10:00' }] },
      'disabledTimes.0',
    ],
    [
      'disabled times off the clock',
      { disabledTimes: [{ day: 'every', start: '25:00', finish: '26:00' }] },
      'disabledTimes.0',
    ],
  ];
  test.each(WRONG)('%s is refused with its field', async (_, wish, field) => {
    const problem = await save(wish);
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(Object.keys(fieldsOf(problem)).join(' ')).toContain(field);
  });

  test('every wrong field is named at once', async () => {
    const problem = await save({ zone: 'Nowhere', activeDays: [], repeat: { every: 0, unit: 'days' }, name: '' });
    expect(Object.keys(fieldsOf(problem)).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'activeDays',
      'name',
      'repeat.every',
      'zone',
    ]);
  });

  test.each(['', ' ', 'a/b', '..\\x', '$(reboot)', '`id`', 'a;b', 'a|b', 'a\nb', 'a\0b', 'a\u202Eb', 'x'.repeat(101)])(
    'the name %j is refused',
    async (name) => {
      expect(Object.keys(fieldsOf(await save({ name })))).toEqual(['name']);
    },
  );

  test('one that can never fire is stored with a warning wherever it shows', async () => {
    const never = {
      repeat: { every: 1, unit: 'days' as const },
      startLocal: '2026-06-01T10:00',
      disabledTimes: [{ day: 'every' as const, start: '09:00', finish: '11:00' }],
    };
    const made = await addSchedule(at.anna, never);
    expect(made).toMatchObject({ nextFiringAt: null, warning: expect.stringContaining('never') });
    const params = { scheduleId: made.id };
    const policy = await addPolicy(at.anna, { account, scheduleIds: [made.id] });
    const shown = [
      (await at.anna.call('GET /schedules/:scheduleId', { params })).warning,
      (await at.anna.call('GET /schedules', {})).items.find(({ id }) => id === made.id)?.warning,
      (await at.anna.call('GET /schedules/:scheduleId/firings', { params })).warning,
      (await at.anna.call('POST /schedules/preview', { body: { ...never, zone: 'UTC' } })).warning,
      (await at.anna.call('GET /policies/:policyId', { params: { policyId: policy.id } })).schedules[0]?.warning,
    ];
    for (const warning of shown) expect(warning).toMatch(/never|no more/i);
  });
});

describe('policies', () => {
  test.each([
    '',
    '.hidden',
    '-rf',
    'a b',
    'a/b',
    '../x',
    'a\\b',
    '$(id)',
    'a;b',
    'a\nb',
    'ä',
    'x'.repeat(65),
    'no-backup',
  ])('the name %j is refused', async (name) => {
    const problem = await refusal(at.anna.call('POST /policies', { body: { name, accountId: account.id } }));
    expect(problem.status).toBe(400);
    expect(Object.keys(fieldsOf(problem))).toEqual(['name']);
  });

  test.each([0, -1, 1.5, 1e9])('%d generations are refused', async (generations) => {
    const problem = await refusal(
      at.anna.call('POST /policies', { body: { name: 'p', accountId: account.id, generations } }),
    );
    expect(Object.keys(fieldsOf(problem))).toEqual(['generations']);
  });

  test('names are unique to their owner, capital letters counting', async () => {
    const policy = await addPolicy(at.anna, { account, name: 'Daily' });
    const again = refusal(at.anna.call('POST /policies', { body: { name: 'Daily', accountId: account.id } }));
    expect(await again).toMatchObject({ status: 409, code: 'conflict_name_taken' });
    await addPolicy(at.anna, { account, name: 'daily' });
    await addPolicy(at.ben, { account: await addAccount(at.ben), name: 'Daily' });
    const change = at.anna.call('PATCH /policies/:policyId', {
      params: { policyId: policy.id },
      body: { name: 'daily' },
    });
    expect(await refusal(change)).toMatchObject({ status: 409, code: 'conflict_name_taken' });
  });

  test('a change by who has not seen the last one is refused', async () => {
    const policy = await addPolicy(at.anna, { account });
    const change = (body: object) =>
      at.anna.call('PATCH /policies/:policyId', { params: { policyId: policy.id }, body });
    await change({ revision: policy.revision, description: 'first' });
    expect(await refusal(change({ revision: policy.revision, description: 'second' }))).toMatchObject({
      status: 412,
      code: 'precondition_failed',
    });
  });

  test('targets that are not there, not attached, doubled or malformed are refused, all or none', async () => {
    const policy = await addPolicy(at.anna, { account });
    const web = targetOf(await named(at, 'web-1'));
    const add = async (...targets: unknown[]) =>
      fieldsOf(
        await refusal(
          at.anna.call('POST /policies/:policyId/targets', {
            params: { policyId: policy.id },
            body: { targets: targets as never },
          }),
        ),
      );
    const region = 'us-east-1';
    expect(Object.keys(await add(web, { kind: 'instance', region, resourceId: 'i-0123456789abcdef0' }))).toEqual([
      'targets.1.resourceId',
    ]);
    expect(Object.keys(await add({ ...web, volumes: { take: 'some', volumeIds: ['vol-0123456789abcdef0'] } }))).toEqual(
      ['targets.0.volumes.volumeIds.0'],
    );
    expect(Object.keys(await add({ ...web, volumes: { take: 'some', volumeIds: [] } }))).not.toEqual([]);
    expect(Object.keys(await add(web, web))).not.toEqual([]);
    for (const resourceId of ['', 'i-', '$(id)', '../x', 'vol-0123456789abcdef0']) {
      expect(Object.keys(await add({ kind: 'instance', region, resourceId }))).toEqual(['targets.0.resourceId']);
    }
    const left = await at.anna.call('GET /policies/:policyId/targets', { params: { policyId: policy.id } });
    expect(left.items).toEqual([]);
  });
});

describe('lists', () => {
  test('a changed, foreign or made-up cursor is refused', async () => {
    for (let n = 0; n < 3; n += 1) await addSchedule(at.anna);
    const { next } = await at.anna.call('GET /schedules', { query: { limit: 1 } });
    expect(next).not.toBeNull();
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const wrong = [
      `${next}x`,
      'x',
      '',
      made({}),
      made(['name asc', 'a']),
      made([null, null, null]),
      next?.slice(3) ?? '',
    ];
    for (const cursor of wrong.filter((each) => each !== '')) {
      const problem = await refusal(at.anna.call('GET /schedules', { query: { cursor } }));
      expect(Object.keys(fieldsOf(problem))).toEqual(['query.cursor']);
    }
    // The cursor of another list.
    expect((await refusal(at.anna.call('GET /backups', { query: { cursor: next ?? '' } }))).status).toBe(400);
    // One that names another's place in the list shows nothing of it.
    const bens = await at.ben.call('GET /schedules', { query: { cursor: next ?? '' } });
    expect(bens.items).toEqual([]);
  });

  test('each page follows the one before, with nothing twice and nothing left out', async () => {
    const all = (await at.anna.call('GET /schedules', { query: { limit: 200 } })).items.map(({ id }) => id);
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await at.anna.call('GET /schedules', { query: { limit: 2, cursor } });
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(seen).toEqual(all);
  });

  test.each([
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=x',
    'limit=1e3',
    'nothing=1',
    'sort=password',
    'from=yesterday',
    'status=good',
  ])('the query %s is refused with its field', async (query) => {
    const answer = await at.anna.raw('GET', `/backups?${query}`);
    expect(answer.status).toBe(400);
    const { fields } = (await answer.json()) as { fields: { path: string }[] };
    expect(fields.map(({ path }) => path)).toEqual([`query.${query.split('=')[0]}`]);
  });
});

describe('idempotency keys', () => {
  const create = (key: string, body: object) =>
    at.anna.raw('POST', '/schedules', { body, headers: { 'idempotency-key': key } });
  const body = (name: string) => ({
    name,
    repeat: { every: 1, unit: 'days' },
    zone: 'UTC',
    startLocal: '2030-01-01T00:00',
  });

  test('a repeated request is answered as the first was, and makes nothing', async () => {
    const first = await create('key-1', body('once'));
    expect(first.status).toBe(201);
    const second = await create('key-1', body('once'));
    expect(second.status).toBe(201);
    expect(await second.json()).toEqual(await first.json());
    expect(
      (await at.anna.call('GET /schedules', { query: { limit: 200 } })).items.filter(({ name }) => name === 'once'),
    ).toHaveLength(1);
  });

  test('twenty requests at once with one key make one', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create('key-2', body('at once'))));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
    expect(
      (await at.anna.call('GET /schedules', { query: { limit: 200 } })).items.filter(({ name }) => name === 'at once'),
    ).toHaveLength(1);
  });

  test('a key that was used for another request is refused', async () => {
    await create('key-3', body('one thing'));
    const other = await create('key-3', body('another thing'));
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: 'idempotency_mismatch' });
  });

  test('a refused request does not use its key up', async () => {
    expect((await create('key-4', { ...body('wrong'), zone: 'Nowhere' })).status).toBe(400);
    expect((await create('key-4', body('right'))).status).toBe(201);
  });

  test('the keys of one owner are nothing to another', async () => {
    await create('key-5', body('hers'));
    const his = await at.ben.raw('POST', '/schedules', { body: body('his'), headers: { 'idempotency-key': 'key-5' } });
    expect(his.status).toBe(201);
    expect(await his.json()).toMatchObject({ name: 'his' });
  });

  test.each(['x'.repeat(129), 'with blank', 'ü'])('the key %j is refused', async (key) => {
    const answer = await create(
      encodeURIComponent(key) === key ? key : Buffer.from(key).toString('latin1'),
      body('never'),
    );
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ fields: [{ path: 'Idempotency-Key' }] });
  });

  test('“run now” repeated with its key starts one backup', async () => {
    const policy = await addPolicy(at.anna, { account, targets: [targetOf(await named(at, 'shared-assets'))] });
    const run = () => at.anna.raw('POST', `/policies/${policy.id}/run`, { headers: { 'idempotency-key': 'run-1' } });
    const [first, second] = [await run(), await run()];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await first.json()).toEqual(await second.json());
  });
});
