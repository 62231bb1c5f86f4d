import { loadServer } from '../../../scripts/build-server.ts';
import { sql } from 'kysely';
import { serveParent } from './child.ts';
import type { TableSize } from './cpm.ts';

/** The server as `npm start` runs it, with its own PostgreSQL; only its certificate and claim secret go to the benchmark. */
const { createLog, readConfig, startServer } = await loadServer();
const config = readConfig(process.argv.slice(2), process.env);
if (config === 'help') throw new Error('the benchmark asked for help');
const server = await startServer(config, createLog(config.logLevel, process.stderr));
const { port, certificate, claimSecret } = server;
serveParent({ port, certificate, claimSecret }, { tableSizes, bareFiringMs }, server.stop);

async function tableSizes(): Promise<TableSize[]> {
  const { db } = server.context;
  const { rows: tables } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = 'public' order by 1`.execute(db);
  for (const { name } of tables) await sql`vacuum full analyze ${sql.table(name)}`.execute(db);
  const { rows } = await sql<TableSize>`select relname as name, pg_table_size(oid) as "rowBytes",
      pg_total_relation_size(oid) as "totalBytes",
      case when reltuples > 0 then (pg_relation_size(oid) / reltuples)::float8 end as "bareRowBytes"
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`.execute(db);
  return rows;
}

/** How long PostgreSQL takes to write a backup and its job for every policy of which none is running: two bare statements, one connection, taken back. */
async function bareFiringMs(): Promise<number> {
  const { db } = server.context;
  const times: number[] = [];
  // Not the first one: it reads the catalogue.
  for (let n = 0; n < 2; n += 1) {
    const tx = await db.startTransaction().execute();
    const startedMs = performance.now();
    await sql`insert into backups (id, owner_id, policy_id, policy_name, account_id, account_name, trigger, due_at, started_at,
        phase, reasons, is_generation, recoverable, progress_percent, snapshot_count, size_gib)
      select gen_random_uuid(), owner_id, id, name, account_id, '', 'schedule', now(), now(), 'queued', '{}', false, false, 0, 0, 0
      from policies where not exists (
        select from backups where policy_id = policies.id and ended_at is null)`.execute(tx);
    await sql`insert into jobs (kind, subject_id, owner_id, unique_key, priority, wake_at)
      select 'run-backup', id, owner_id, id, 10, now() from backups where due_at = now()::timestamptz(3)`.execute(tx);
    times.push(performance.now() - startedMs);
    await tx.rollback().execute();
    await sql`vacuum backups, jobs`.execute(db);
  }
  return times.at(-1) ?? Number.NaN;
}
