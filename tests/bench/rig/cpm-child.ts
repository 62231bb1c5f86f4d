import { createLog, readConfig, startServer } from '@cpm/server';
import { sql } from 'kysely';
import { serveParent } from './child.ts';
import type { TableSize } from './cpm.ts';

/** The server as `npm start` runs it, with its own PostgreSQL; only its certificate and claim secret go to the benchmark. */
const config = readConfig(process.argv.slice(2), process.env);
if (config === 'help') throw new Error('the benchmark asked for help');
const server = await startServer(config, createLog(config.logLevel, process.stderr));
const { port, certificate, claimSecret } = server;
serveParent({ port, certificate, claimSecret }, { tableSizes }, server.stop);

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
