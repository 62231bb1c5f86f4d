import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../packages/server/src/db/test-database.ts';
import { pinnedFetch } from './support/pinned-fetch.ts';

const CHILD = fileURLToPath(new URL('support/start-child.ts', import.meta.url));
let dir: string;
let database: TestDatabase;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cpm-start-'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

type Start = { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> };
const begin = ({ args = [], env = {} }: Start) => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('CPM_') && !name.startsWith('AWS_'),
  );
  const settings = {
    CPM_PORT: '0',
    CPM_HOST: '127.0.0.1',
    CPM_DATA_DIR: join(dir, 'data'),
    CPM_DATABASE_URL: database.url,
  };
  const child = spawn(process.execPath, [CHILD, ...args], {
    env: { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: join(dir, 'compiled'), ...settings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return { child, out: () => out, errors: () => errors };
};

/** Starts a server that is not expected to stay, and tells how it ended. */
async function startAndEnd(start: Start) {
  const { child, out, errors } = begin(start);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out(), errors: errors() };
}

test('a server says where it is, whom to trust and how to claim it, and a signal ends it cleanly', async () => {
  const { child, out } = begin({});
  await expect.poll(out, { timeout: 20_000 }).toContain('claim it with this secret');
  const [, url = ''] = /CPM is ready at (https:\S+)/.exec(out()) ?? [];
  expect(out()).toMatch(/SHA-256 fingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}/);
  const door = pinnedFetch(await readFile(join(dir, 'data', 'tls', 'server.crt'), 'utf8'));
  expect((await door.fetch(`${url}/readyz`)).status).toBe(200);
  for (const secret of ['keys/master.key', 'tls/server.key']) {
    expect(((await stat(join(dir, 'data', secret))).mode & 0o777).toString(8)).toBe('600');
  }
  door.close();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('a port in use is named, and the server ends without having begun any work', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, errors } = await startAndEnd({ args: ['--port', String(port)] });
  other.close();
  expect(code).toBe(1);
  expect(errors).toContain(`CPM did not start. Port ${port} is in use by another program.`);
});

test('a data directory that cannot be made or written is named', async () => {
  const file = join(dir, 'a-file');
  await writeFile(file, '');
  const { code, errors } = await startAndEnd({ args: ['--data', join(file, 'data')] });
  expect(code).not.toBe(0);
  expect(errors).toContain(`CPM cannot write to its data directory ${join(file, 'data')}`);
});

test('a database that a newer CPM has written is left alone', async () => {
  const newer = await createTestDatabase();
  await sql`insert into schema_migration (name, timestamp) values ('9999-from-the-future', '2099-01-01')`.execute(
    newer.db,
  );
  const { code, errors } = await startAndEnd({ env: { CPM_DATABASE_URL: newer.url } });
  expect(code).not.toBe(0);
  expect(errors).toContain('newer');
  expect(errors).toContain('9999-from-the-future');
  await newer.drop();
});

test('a database that is not there is named without its password', async () => {
  const env = { CPM_DATABASE_URL: 'postgres://cpm:secret-of-the-database@127.0.0.1:1/cpm' };
  const { code, errors, out } = await startAndEnd({ env });
  expect(code).not.toBe(0);
  expect(errors).toContain('"cpm" at 127.0.0.1:1');
  expect(errors + out).not.toContain('secret-of-the-database');
});

test('a data directory whose master key is not the database’s is refused: nothing sealed could be read', async () => {
  const { code, errors } = await startAndEnd({ args: ['--data', join(dir, 'another')] });
  expect(code).toBe(2);
  expect(errors).toContain('keys/master.key in the data directory is not the one this database was set up with');
});

test.each([
  ['CPM_PROT', '8443'],
  ['CPM_PORT', '99999'],
  ['AWS_ENDPOINT_URL', 'ftp://somewhere'],
])('the wrong setting %s=%s is named, and the server ends with the code of a wrong call', async (name, value) => {
  const { code, errors } = await startAndEnd({ env: { [name]: value } });
  expect(code).toBe(2);
  expect(errors).toMatch(new RegExp(`The setting (${name}|${name.replace('CPM_', '').toLowerCase()}) is wrong`));
});
