import type { LogLine } from '@cpm/contract';
import { formatInstant, type Instant } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database, LogLevel } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';

const MOST_LINES = 1000;
const LONGEST_LINE = 4000;

export type NewLogLine = { readonly level: LogLevel; readonly text: string };

/** A line of a log that people read: what was done, or what went wrong. */
export const info = (text: string): NewLogLine => ({ level: 'info', text });
export const warning = (text: string): NewLogLine => ({ level: 'warning', text });
export const failure = (text: string): NewLogLine => ({ level: 'error', text });

/** Adds lines to the log of a backup or recovery, in their order, with the caller's own writes. */
export async function appendLog(
  db: Kysely<Database>,
  subjectId: string,
  at: Instant,
  lines: readonly NewLogLine[],
): Promise<void> {
  if (lines.length === 0) return;
  const levels = lines.map(({ level }) => level);
  // PostgreSQL keeps no NUL in text, and what AWS or a script says may hold one.
  const texts = lines.map(({ text }) => text.replaceAll('\0', '\u2400').slice(0, LONGEST_LINE));
  await sql`insert into log_lines (subject_id, at, level, text)
    select ${subjectId}::uuid, ${asTimestamp(at)}, line.level, line.text
    from unnest(${levels}::text[], ${texts}::text[]) with ordinality as line(level, text, place)
    order by place`.execute(db);
}

/** The lines of a log after `seq`, oldest first. */
export async function listLogLines(
  db: Kysely<Database>,
  subjectId: string,
  { after = 0, limit = MOST_LINES }: { readonly after?: number | undefined; readonly limit?: number | undefined },
): Promise<LogLine[]> {
  const rows = await db
    .selectFrom('log_lines')
    .select(['seq', 'at', 'level', 'text'])
    .where('subject_id', '=', subjectId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(Math.min(Math.max(limit, 1), MOST_LINES))
    .execute();
  return rows.map((row) => ({ ...row, at: formatInstant(row.at) }));
}

/** AWS names each request: the same fault again differs in nothing else. */
const withoutRequest = (text: string | undefined) => text?.replace(/, request [\w-]+/g, '');

/** Adds a line unless it is what the log said last: a fault that lasts for hours is told once. */
export async function appendLogOnce(
  db: Kysely<Database>,
  subjectId: string,
  at: Instant,
  line: NewLogLine,
): Promise<void> {
  const last = await db
    .selectFrom('log_lines')
    .select('text')
    .where('subject_id', '=', subjectId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (withoutRequest(last?.text) !== withoutRequest(line.text)) await appendLog(db, subjectId, at, [line]);
}
