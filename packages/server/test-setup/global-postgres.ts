import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { connectAsAdmin } from '../src/db/launcher/admin.ts';
import { clusterDirOf } from '../src/db/launcher/cluster.ts';
import { startEmbeddedPostgres } from '../src/db/launcher/embedded-postgres.ts';
import { createTestTemplate } from '../src/db/test-database.ts';

/**
 * Gives the whole test run one PostgreSQL with a migrated template database: CPM's own, or the server that
 * CPM_TEST_DATABASE_URL names (its login must be allowed to create databases). Answers how to take it away again.
 */
export const setup = async (): Promise<() => Promise<void>> => {
  const given = process.env['CPM_TEST_DATABASE_URL'];
  const server = given === undefined ? await startForTests() : { url: given, stop: async () => undefined };
  const template = await createTestTemplate(server.url).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return async () => {
    await template.drop();
    await server.stop();
  };
};

const startForTests = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const dataDir = await mkdtemp(path.join(await realpath(tmpdir()), 'cpm-test-'));
  const log = pino({ level: 'warn' });
  // Nothing here has to survive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  const admin = await connectAsAdmin(clusterDirOf(dataDir), new URL(postgres.url).searchParams.get('host') ?? '');
  await admin.query('alter role cpm createdb');
  await admin.end();
  const stop = async (): Promise<void> => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: postgres.url, stop };
};
