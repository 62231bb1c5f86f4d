import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { dumpSchema } from './dump-schema.ts';
import { startEmbeddedPostgres } from './launcher/embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './pool.ts';

/** The schema that the migrations make on a fresh PostgreSQL, as reviewable SQL text: what `schema.sql` must hold. */
export async function describeSchema(): Promise<string> {
  const log = pino({ level: 'silent' });
  const folder = await mkdtemp(join(tmpdir(), 'cpm-schema-'));
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), log });
  const db = await openDatabase({ url: postgres.url, log });
  try {
    await migrate({ db, cpmVersion: '0.0.0' });
    return await dumpSchema(db);
  } finally {
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
