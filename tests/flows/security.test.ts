import { randomUUID } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '../../packages/server/src/db/transaction.ts';
import { until } from '../../packages/server/src/engine/test-engine.ts';
import { announceAll } from '../../packages/server/src/events/announce.ts';
import { openEvents } from './support/event-stream.ts';
import { claimAs, PASSWORD, type Person } from './support/people.ts';
import { guardedRoutes, pathOf } from './support/route-cases.ts';
import { ACME } from './support/simulated-aws.ts';
import { addAccount, addPolicy, addSchedule, runBackup } from './support/stories.ts';
import { startTestServer, startUnclaimedServer, type TestServer } from './support/test-server.ts';

const HOUR_MS = 3600_000;
const OWN = { 'x-cpm-request': '1' };
let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(() => at.stop());

const signIn = (name = 'anna', password = PASSWORD, headers: Record<string, string> = OWN) =>
  at.anonymous('POST', '/session', { headers, body: { name, password } });
async function newCookie(): Promise<string> {
  const answer = await signIn();
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
const statusOf = async (cookie: string) => (await at.anonymous('GET', '/session', { headers: { cookie } })).status;

describe('the first user', () => {
  test('is made once, with the secret of the console; afterwards the door is closed for good', async () => {
    const server = await startUnclaimedServer();
    const claim = (secret: string, name = 'root') =>
      server.anonymous('POST', '/setup/claim', {
        headers: OWN,
        body: { secret, name, email: 'a@example.com', password: PASSWORD },
      });
    expect(await (await server.anonymous('GET', '/setup')).json()).toEqual({ claimed: false });
    const secret = server.server().claimSecret ?? '';
    expect(secret.length).toBeGreaterThan(20);
    const wrong = await claim('WRONG-WRONG-WRONG');
    expect([wrong.status, await wrong.json()]).toMatchObject([403, { code: 'claim_wrong' }]);
    expect((await server.anonymous('POST', '/setup/claim', { body: {} })).status).toBe(403);

    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => claim(secret, `root-${n}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(7);
    expect(await server.db.selectFrom('users').select('kind').execute()).toEqual([{ kind: 'root' }]);
    expect(await (await claim(secret)).json()).toMatchObject({ status: 404, code: 'setup_done' });
    expect(await (await server.anonymous('GET', '/setup')).json()).toEqual({ claimed: true });
    await server.restart();
    expect(server.server().claimSecret).toBeNull();
    expect((await claim(secret)).status).toBe(404);
    expect(server.log()).not.toContain(secret);
    await server.stop();
  });

  test('cannot be made by guessing: wrong secrets wait longer and longer', async () => {
    const server = await startUnclaimedServer();
    const claim = (secret: string) =>
      server.anonymous('POST', '/setup/claim', {
        headers: OWN,
        body: { secret, name: 'root', email: 'a@example.com', password: PASSWORD },
      });
    const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await claim('GUESS')).status));
    expect(statuses.filter((status) => status === 403)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
    await server.clock.advance(1_001);
    await claimAs(server, server.server().claimSecret ?? '', 'root');
    await server.stop();
  });
});

describe('sessions', () => {
  test('live in a cookie that no script and no other site gets to see, and nowhere else', async () => {
    const answer = await signIn();
    const cookie = answer.headers.get('set-cookie') ?? '';
    const [pair = '', ...flags] = cookie.split('; ');
    expect(pair).toMatch(/^__Host-cpm=[\w-]{22,}$/);
    expect(flags).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']));
    expect(cookie).not.toMatch(/Domain/i);
    expect(await answer.text()).not.toContain(pair.split('=')[1]);
    const again = await newCookie();
    expect(again).not.toBe(pair);
    expect(at.log()).not.toContain(pair.split('=')[1]);
  });

  test('end at once with signing out, after eight idle hours, and after seven days in any case', async () => {
    const [out, idle, old] = [await newCookie(), await newCookie(), await newCookie()];
    const ended = await at.anonymous('DELETE', '/session', { headers: { ...OWN, cookie: out } });
    expect([ended.status, ended.headers.get('clear-site-data')]).toEqual([204, '"cache", "storage"']);
    expect(await statusOf(out)).toBe(401);
    expect(await statusOf(idle)).toBe(200);
    for (let hours = 0; hours < 7 * 24; hours += 7) {
      expect([hours, await statusOf(old)]).toEqual([hours, 200]);
      await at.clock.advance(7 * HOUR_MS);
    }
    expect(await statusOf(idle)).toBe(401);
    expect(await statusOf(old)).toBe(401);
  });

  test('an API token ends when it said it would, and at once when it is removed', async () => {
    const made = await at.anna.call('POST /tokens', { body: { name: 'a day', expiresInDays: 1 } });
    const ask = async () =>
      (await at.anonymous('GET', '/session', { headers: { authorization: `Bearer ${made.secret}` } })).status;
    expect(made.secret).toMatch(/^cpm_[\w-]{40,}$/);
    expect(await ask()).toBe(200);
    await at.clock.advance(24 * HOUR_MS);
    expect(await ask()).toBe(401);
    expect(JSON.stringify(await at.anna.call('GET /tokens', {}))).not.toContain(made.secret);
  });
});

describe('a request that another site makes a browser send', () => {
  test('changes nothing: without our header, or from a foreign origin, it is refused', async () => {
    const cookie = await newCookie();
    const before = (await at.anna.call('GET /schedules', {})).items.length;
    const body = { name: 'forged', repeat: { every: 1, unit: 'days' }, zone: 'UTC', startLocal: '2030-01-01T00:00' };
    const send = (headers: Record<string, string>) =>
      at.anonymous('POST', '/schedules', { headers: { cookie, ...headers }, body });
    const own = `https://localhost:${at.server().port}`;
    for (const headers of [
      {},
      { origin: own },
      { ...OWN, origin: 'https://evil.example' },
      { ...OWN, origin: 'null' },
      { ...OWN, origin: `http://localhost:${at.server().port}` },
      { ...OWN, origin: `${own}.evil.example` },
      { 'x-cpm-request': 'yes' },
    ]) {
      const answer = await send(headers);
      expect([headers, answer.status, await answer.json()]).toMatchObject([headers, 403, { code: 'csrf' }]);
    }
    expect((await at.anna.call('GET /schedules', {})).items.length).toBe(before);
    expect((await send({ ...OWN, origin: own })).status).toBe(201);
  });

  test('signs nobody in or out, and reads nothing', async () => {
    expect((await signIn('anna', PASSWORD, {})).status).toBe(403);
    expect((await signIn('anna', PASSWORD, { ...OWN, origin: 'https://evil.example' })).status).toBe(403);
    const cookie = await newCookie();
    expect((await at.anonymous('DELETE', '/session', { headers: { cookie } })).status).toBe(403);
    const read = await at.anonymous('GET', '/policies', { headers: { cookie, origin: 'https://evil.example' } });
    expect(read.status).toBe(403);
    const asked = await at.anonymous('OPTIONS', '/policies', { headers: { origin: 'https://evil.example' } });
    for (const answer of [read, asked, await at.anonymous('GET', '/livez')]) {
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    expect((await openEvents(at, { cookie, origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('guessing passwords', () => {
  test('a wrong password and an unknown name are answered alike', async () => {
    const answers = await Promise.all([signIn('anna', 'wrong'), signIn('nobody at all', 'wrong')]);
    const [wrong, unknown] = await Promise.all(
      answers.map(async (answer) => ({ ...((await answer.json()) as object), requestId: '', was: answer.status })),
    );
    expect(wrong).toMatchObject({ was: 401, code: 'wrong_credentials' });
    expect(wrong).toEqual(unknown);
    await at.clock.advance(2 * HOUR_MS);
  });

  test('waits longer after each guess from the sixth on, and is never locked for good', async () => {
    const waits: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      const answer = await signIn('ben', `wrong ${n}`);
      expect(answer.status).toBe(401);
      const next = await signIn('ben', 'wrong');
      if (next.status !== 429) continue;
      const { title } = (await next.json()) as { title: string };
      const seconds = Number(/(\d+) seconds/.exec(title)?.[1]);
      waits.push(seconds);
      // Not even the right password helps while it waits.
      expect((await signIn('ben')).status).toBe(429);
      await at.clock.advance(seconds * 1000);
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits[0]).toBe(1);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(16);
    expect((await signIn('ben')).status).toBe(201);
    await at.clock.advance(2 * HOUR_MS);
  });

  test('a hundred guesses sent at once are not a hundred guesses', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => (await signIn('anna', `guess ${n}`)).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(95);
    await at.clock.advance(2 * HOUR_MS);
    expect((await signIn()).status).toBe(201);
  });

  test('names and passwords that hold anything are wrong, not an error of the server', async () => {
    for (const text of ['\0', "' or 1=1 --", '\u202E', '{{7*7}}', '%s%n', '\uD800', 'é'.normalize('NFD')]) {
      const answer = await signIn(text, text);
      expect([400, 401]).toContain(answer.status);
      await at.clock.advance(2 * HOUR_MS);
    }
  });
});

describe('what every answer carries', () => {
  test('pages and API allow no foreign script, frame or sniffing, name no software, and are not kept', async () => {
    for (const path of ['/livez', '/setup', '/nothing', '/policies', '/openapi.json']) {
      const { headers } = await at.anonymous('GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      for (const directive of [
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy).toContain(directive);
      }
      expect(policy.replace("style-src-attr 'unsafe-inline'", '')).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('the console’s folder is all that is served: no path leads out of it', async () => {
    const served = await startUnclaimedServer({ config: { consoleDir: new URL('support', import.meta.url).pathname } });
    const plain = (path: string) => served.door.fetch(`${served.server().url}${path}`);
    for (const path of [
      '/..%2froutes.test.ts',
      '/%2e%2e/%2e%2e/package.json',
      '/....//package.json',
      '//etc/passwd',
      '/%00',
      '/..%5c..%5cpackage.json',
    ]) {
      const answer = await plain(path);
      expect([path, answer.status >= 400 ? 'refused' : await answer.text()]).toEqual([path, 'refused']);
    }
    await served.stop();
  });
});

describe('the wire', () => {
  const handshake = (options: ConnectionOptions) =>
    new Promise<string>((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port: at.server().port,
        servername: 'localhost',
        ca: at.server().certificate,
        ...options,
      });
      socket.on('secureConnect', () => {
        resolve(socket.getProtocol() ?? 'none');
        socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });

  test('TLS 1.2 and 1.3 are spoken, 1.1 and 1.0 are refused', async () => {
    expect(await handshake({ maxVersion: 'TLSv1.3' })).toBe('TLSv1.3');
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    for (const version of ['TLSv1.1', 'TLSv1'] as const) {
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      expect(await handshake(old)).toMatch(/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ECONNRESET/);
    }
  });

  test('a client that pins another certificate does not connect, and plain HTTP is not answered', async () => {
    expect(await handshake({ ca: '' })).toMatch(/SELF_SIGNED|UNABLE_TO/);
    const answered = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connectPlain(at.server().port, '127.0.0.1', () =>
        socket.write('GET /api/v1/livez HTTP/1.1\r\nHost: localhost\r\n\r\n'),
      );
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', () => resolve(text));
    });
    expect(answered).not.toMatch(/^HTTP\/1.1 2/);
  });
});

describe('live events', () => {
  test('need a sign-in', async () => {
    for (const headers of [{}, { authorization: 'Bearer cpm_wrong' }, { cookie: '__Host-cpm=wrong' }]) {
      expect((await openEvents(at, headers)).status).toBe(401);
    }
  });

  test('are told to their owner and never to another', async () => {
    const hers = await openEvents(at, { authorization: `Bearer ${at.anna.token}` });
    const his = await openEvents(at, { authorization: `Bearer ${at.ben.token}` });
    const mine = await addSchedule(at.anna);
    const theirs = await addSchedule(at.ben);
    await until('both were told', () => hers.text().includes(mine.id) && his.text().includes(theirs.id));
    expect(hers.text()).toContain('event: schedule');
    expect(hers.text()).not.toContain(theirs.id);
    expect(his.text()).not.toContain(mine.id);
    // Whoever comes back with the last id gets what was missed, of his own only.
    const [, firstId = ''] = /id: (\S+)/.exec(his.text()) ?? [];
    const back = await openEvents(at, { authorization: `Bearer ${at.ben.token}`, 'last-event-id': firstId });
    await until('the missed event came', () => back.text().includes(theirs.id));
    expect(back.text()).not.toContain(mine.id);
    const lost = await openEvents(at, {
      authorization: `Bearer ${at.ben.token}`,
      'last-event-id': 'of-another-start-7',
    });
    await until('a reader from before the start reads anew', () => lost.text().includes('event: resync'));
    for (const stream of [hers, his, back, lost]) stream.close();
  });

  test('of hundreds of records at once are told each once, in order, and to their owner alone', async () => {
    const hers = await openEvents(at, { authorization: `Bearer ${at.anna.token}` });
    const his = await openEvents(at, { authorization: `Bearer ${at.ben.token}` });
    const recordsOf = ({ userId }: Person) =>
      Array.from({ length: 450 }, () => ({ ownerId: userId, id: randomUUID() }));
    const [anna, ben] = [recordsOf(at.anna), recordsOf(at.ben)];
    const mixed = anna.flatMap((record, n) => [record, ...ben.slice(n, n + 1)]);
    await transaction(at.db, async (tx) => announceAll(tx, 'backup', mixed));
    const told = (text: string) => [...text.matchAll(/event: backup\ndata: (.+)\n/g)].map(([, data = '']) => data);
    await until('both were told', () => [hers, his].every((stream) => told(stream.text()).length >= 450));
    expect(told(hers.text())).toEqual(anna.map(({ id }) => JSON.stringify({ id })));
    expect(told(his.text())).toEqual(ben.map(({ id }) => JSON.stringify({ id })));
    for (const stream of [hers, his]) stream.close();
  });

  test('end soon after the session or token they were opened with', async () => {
    const cookie = await newCookie();
    const made = await at.anna.call('POST /tokens', { body: { name: 'for a stream' } });
    const streams = [
      await openEvents(at, { cookie }),
      await openEvents(at, { authorization: `Bearer ${made.secret}` }),
    ];
    await at.clock.advance(15_000);
    await until('they are still there', () => streams.every((stream) => stream.text().includes('still here')));
    await at.anonymous('DELETE', '/session', { headers: { ...OWN, cookie } });
    await at.anna.call('DELETE /tokens/:tokenId', { params: { tokenId: made.token.id } });
    await at.clock.advance(15_000);
    expect(await until('both are over', () => streams.every((stream) => stream.isOver()))).toBe(true);
  });

  test('of one user cannot take all of the server', async () => {
    const streams = await Promise.all(
      Array.from({ length: 25 }, () => openEvents(at, { authorization: `Bearer ${at.ben.token}` })),
    );
    await until('those above the limit are over', () => streams.filter((stream) => stream.isOver()).length >= 5);
    expect(streams.filter((stream) => !stream.isOver())).toHaveLength(20);
    for (const stream of streams) stream.close();
  });
});

describe('secrets', () => {
  test('stand in no answer of any route, no refusal, and no line of the log', async () => {
    const account = await addAccount(at.anna);
    const policy = await addPolicy(at.anna, {
      account,
      targets: [{ kind: 'instance', region: 'us-east-1', resourceId: 'i-0acce000000000001' }],
    });
    const backup = await runBackup(at, policy);
    const canary = 'canary-of-a-refused-secret-key-0001';
    const body = { name: 'x', accessKeyId: 'AKIANOBODYKNOWSTHIS1', secretAccessKey: canary };
    const ids = { accountId: account.id, policyId: policy.id, backupId: backup.id };
    const texts = await Promise.all([
      ...guardedRoutes
        .filter(({ method }) => method === 'GET')
        .map(async (route) => (await at.anna.raw('GET', pathOf(route, ids))).text()),
      ...[body, { ...body, secretAccessKey: `${canary} ` }, { ...body, accessKeyId: canary }].map(async (each) =>
        (await at.anna.raw('POST', '/accounts', { body: each })).text(),
      ),
      (await signIn('anna', canary)).text(),
      (await at.anonymous('GET', '/session', { headers: { authorization: `Bearer ${canary}` } })).text(),
      (await at.anna.raw('POST', '/accounts', { body: `{"secretAccessKey": "${canary}` })).text(),
    ]);
    const all = [...texts, at.log()].join('\n');
    expect(texts.length).toBeGreaterThan(20);
    for (const secret of [
      canary,
      ACME.production.secretAccessKey,
      PASSWORD,
      at.anna.token,
      at.ben.token,
      at.anna.cookie.slice(11),
    ]) {
      expect(all.includes(secret), `${secret} stands somewhere`).toBe(false);
    }
  });

  test('text that AWS or a stranger chose stands in the log as one line each', async () => {
    const lines = at.log().trim().split('\n');
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(lines.length).toBeGreaterThan(100);
  });
});
