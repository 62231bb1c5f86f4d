import { sql, type Kysely } from 'kysely';
import type { Database } from '../../packages/server/src/db/schema.ts';

/** A text in which no secret may stand, and what to call it. */
export type Text = { readonly name: string; readonly text: string };

/** I7: none of the secrets stands in one of the texts or in a column of the database, plain or in a usual disguise. */
export async function findSecrets(
  db: Kysely<Database>,
  secrets: readonly string[],
  texts: readonly Text[],
): Promise<string[]> {
  const all = [...texts, ...(await readTables(db))];
  return secrets.flatMap((secret, index) => {
    const shapes = disguises(secret);
    return all
      .filter(({ text }) => shapes.some((shape) => text.includes(shape)))
      .map(({ name }) => `I7: the secret number ${index + 1} stands in ${name}`);
  });
}

function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  // Base64 of a longer text holds the same letters only where the secret begins at a multiple of three bytes.
  const inner = [0, 1, 2].map((shift) =>
    bytes.subarray(shift, shift + 3 * Math.floor((bytes.length - shift) / 3)).toString('base64'),
  );
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inner];
}

/** Every row of every table as PostgreSQL writes it; bytes as hexadecimal digits. */
async function readTables(db: Kysely<Database>): Promise<Text[]> {
  const { rows } = await sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = 'public'`.execute(db);
  return Promise.all(
    rows.map(async ({ name }) => {
      const found = await sql<{
        text: string | null;
      }>`select string_agg(t::text, chr(10)) as text from ${sql.table(name)} t`.execute(db);
      return { name: `the table ${name}`, text: found.rows[0]?.text ?? '' };
    }),
  );
}
