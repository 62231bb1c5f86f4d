import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bodyOf,
  guardedRoutes,
  idNames,
  pathOf,
  routesWithBody,
  routesWithIds,
  type Ids,
} from './support/route-cases.ts';
import {
  addAccount,
  addPolicy,
  addSchedule,
  endOfRecovery,
  named,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
/** Things of anna's, each by the name its id has in the paths. */
let hers: Ids;
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const schedule = await addSchedule(at.anna);
  const volume = await named(at, 'shared-assets');
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(volume)], scheduleIds: [schedule.id] });
  const backup = await runBackup(at, policy);
  const [resource] = await resourcesOf(at, backup);
  const snapshotId = resource?.snapshots[0]?.id ?? '';
  const recovery = await at.anna.call('POST /backups/:backupId/recoveries/volumes', {
    params: { backupId: backup.id },
    body: { volumes: [{ snapshotId }] },
  });
  await endOfRecovery(at, recovery);
  const targets = await at.anna.call('GET /policies/:policyId/targets', { params: { policyId: policy.id } });
  const tokens = await at.anna.call('GET /tokens', {});
  hers = {
    accountId: account.id,
    scheduleId: schedule.id,
    policyId: policy.id,
    targetId: targets.items[0]?.id ?? '',
    backupId: backup.id,
    resourceId: resource?.id ?? '',
    snapshotId,
    recoveryId: recovery.id,
    tokenId: tokens.items[0]?.id ?? '',
  };
});
afterAll(() => at.stop());

type Asked = { readonly status: number; readonly body: Record<string, unknown> };
async function told(answer: Promise<Response>): Promise<Asked> {
  const response = await answer;
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: { ...body, requestId: 'any' } };
}

const names = (routes: typeof guardedRoutes) =>
  routes.map((route) => [`${route.method} ${route.path}`, route] as const);

/** Everything that anna has, to see that nobody changed it. */
const everything = async () => {
  const lists = [
    '/accounts',
    '/schedules',
    '/policies',
    '/backups?deleted=show',
    '/recoveries',
    `/policies/${hers['policyId']}/targets`,
  ];
  return Promise.all(lists.map(async (path) => (await at.anna.raw('GET', path)).json()));
};

describe('without a sign-in', () => {
  test.each(names(guardedRoutes))('%s answers 401 and nothing else', async (_, route) => {
    const input = { headers: { 'x-cpm-request': '1' }, body: bodyOf(route, hers) };
    const answer = await told(at.anonymous(route.method, pathOf(route, hers), input));
    expect(answer).toMatchObject({ status: 401, body: { code: 'not_signed_in', status: 401 } });
  });

  test('a wrong, an empty and an ended token and a made-up cookie are no sign-in', async () => {
    const made = await at.ben.call('POST /tokens', { body: { name: 'short' } });
    await at.ben.call('DELETE /tokens/:tokenId', { params: { tokenId: made.token.id } });
    for (const headers of [
      { authorization: 'Bearer cpm_wrong' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${made.secret}` },
      { authorization: `Basic ${made.secret}` },
      { cookie: '__Host-cpm=wrong' },
      { cookie: `__Host-cpm=${at.ben.token}` },
    ]) {
      expect((await at.anonymous('GET', '/policies', { headers })).status).toBe(401);
    }
  });
});

describe('another owner’s id', () => {
  test.each(names(routesWithIds))('%s answers the same 404 as an unknown id', async (_, route) => {
    const before = await everything();
    const unknown = Object.fromEntries(Object.keys(hers).map((name) => [name, randomUUID()]));
    const theirs = await told(at.ben.raw(route.method, pathOf(route, hers), { body: bodyOf(route, hers) }));
    const nobodys = await told(at.ben.raw(route.method, pathOf(route, unknown), { body: bodyOf(route, unknown) }));
    expect(theirs).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(theirs).toEqual(nobodys);
    expect(await everything()).toEqual(before);
  });

  test('in a body, a query or a filter opens nothing either', async () => {
    const account = await addAccount(at.ben);
    const own = await addPolicy(at.ben, { account });
    const refusals = [
      at.ben.raw('POST', '/policies', { body: { name: 'p', accountId: hers['accountId'] } }),
      at.ben.raw('POST', '/policies', {
        body: { name: 'p', accountId: account.id, scheduleIds: [hers['scheduleId']] },
      }),
      at.ben.raw('PATCH', `/policies/${own.id}`, { body: { scheduleIds: [hers['scheduleId']] } }),
    ];
    for (const answer of await Promise.all(refusals)) expect(answer.status).toBeGreaterThanOrEqual(400);
    expect((await told(at.ben.raw('GET', `/backups?policyId=${hers['policyId']}`))).body).toMatchObject({ items: [] });
    expect((await told(at.ben.raw('GET', `/recoveries?backupId=${hers['backupId']}`))).body).toMatchObject({
      items: [],
    });
    // Her target under his policy, and his under hers.
    const target = `/policies/${own.id}/targets/${hers['targetId']}`;
    expect((await at.ben.raw('DELETE', target)).status).toBe(404);
    expect((await at.ben.raw('PATCH', target, { body: { volumes: { take: 'all' } } })).status).toBe(404);
    expect((await told(at.ben.raw('GET', '/policies'))).body).toMatchObject({ items: [{ name: own.name }] });
    expect((await at.ben.raw('GET', '/backups')).status).toBe(200);
    expect((await told(at.ben.raw('GET', '/backups?deleted=show'))).body).toMatchObject({ items: [] });
  });
});

describe('a malformed id', () => {
  const malformed = [
    '1',
    'null',
    '..',
    '%27%20or%201=1--',
    '%00',
    '%2e%2e%2fetc%2fpasswd',
    'x'.repeat(150),
    '00000000-0000-0000-0000-00000000000g',
  ];
  test.each(names(routesWithIds))('%s answers 404 as for an unknown one', async (_, route) => {
    for (const bad of malformed) {
      for (const name of idNames(route)) {
        const path = pathOf(route, { ...hers, [name]: bad });
        const answer = await at.anna.raw(route.method, path, { body: bodyOf(route, hers) });
        expect([path, answer.status]).toEqual([path, 404]);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
      }
    }
  });
});

describe('a wrong body', () => {
  test.each(names(routesWithBody))('%s answers 400 and names each field', async (_, route) => {
    const good = bodyOf(route, hers) as Record<string, unknown>;
    const path = pathOf(route, hers);
    const send = (body: unknown) => told(at.anna.raw(route.method, path, { body }));
    const extra = await send({ ...good, ownerId: at.ben.userId, isRoot: true });
    expect(extra).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(extra.body['fields']).toEqual(
      expect.arrayContaining([
        { path: 'ownerId', message: 'there is no such field' },
        { path: 'isRoot', message: 'there is no such field' },
      ]),
    );
    for (const field of Object.keys(good)) {
      const answer = await send({ ...good, [field]: { wrong: true } });
      expect(answer.status).toBe(400);
      const paths = (answer.body['fields'] as { path: string }[]).map((each) => each.path.split('.')[0]);
      expect(paths).toContain(field);
    }
    for (const [field, value] of Object.entries(good).filter(([, each]) => typeof each === 'string')) {
      const answer = await send({ ...good, [field]: `${String(value)}\0` });
      expect([field, answer.status]).toEqual([field, 400]);
    }
    for (const body of [[], 'text', 7, null]) {
      expect((await send(JSON.stringify(body))).status).toBe(400);
    }
    const prototype = await at.anna.raw(route.method, path, {
      body: '{"__proto__": {"isRoot": true}, "constructor": 1}',
    });
    expect(prototype.status).toBe(400);
  });

  test.each(names(routesWithBody))(
    '%s answers 400 to malformed JSON, 415 to another type and 413 to too much',
    async (_, route) => {
      const path = pathOf(route, hers);
      for (const body of ['{', '{"name": "x"', 'not json', '\0']) {
        expect(await told(at.anna.raw(route.method, path, { body }))).toMatchObject({
          status: 400,
          body: { code: 'invalid_request', fields: [{ path: '' }] },
        });
      }
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/xml',
      ]) {
        const answer = await told(at.anna.raw(route.method, path, { body: '{}', headers: { 'content-type': type } }));
        expect([type, answer]).toMatchObject([type, { status: 415, body: { code: 'unsupported_media_type' } }]);
      }
      const much = JSON.stringify({ name: 'x'.repeat(1_100_000) });
      expect(await told(at.anna.raw(route.method, path, { body: much }))).toMatchObject({
        status: 413,
        body: { code: 'body_too_large' },
      });
    },
  );
});

test('an unknown address or method is a problem document too', async () => {
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['DELETE', '/policies'],
    ['GET', '/policies/../../livez'],
    ['GET', '/policies/%2e%2e'],
  ] as const) {
    const answer = await at.anna.raw(method, path);
    expect([404, 405]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  }
});
