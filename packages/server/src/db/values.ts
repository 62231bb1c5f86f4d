import { sql } from 'kysely';
import type { ColumnType, RawBuilder } from 'kysely';
import { types } from 'pg';

/**
 * How values cross between PostgreSQL and TypeScript, decided once:
 * - timestamptz is read as a number of milliseconds since 1970 (an Instant) and written through `asTimestamp`. Declare
 *   columns `timestamptz(3)`: with PostgreSQL's microseconds a value read back would no longer equal the one stored.
 * - int8 is read as a number; one beyond 2^53 is an error, never a silently rounded value.
 * - numeric stays text, json and jsonb are parsed, bytea is a Buffer.
 */
const TIMESTAMPTZ: number = types.builtins.TIMESTAMPTZ;
const INT8: number = types.builtins.INT8;

declare const storedAsTimestamp: unique symbol;
/** What a timestamptz column takes on insert and update: made by `asTimestamp` only, so a bare number does not compile. */
export type TimestampValue = { readonly [storedAsTimestamp]: true };

/** A timestamptz(3) column of the schema, read as the Instant type `I`. */
export type TimestampColumn<I extends number = number> = ColumnType<I, TimestampValue, TimestampValue>;

/** A timestamptz(3) column that may be null. */
export type NullableTimestampColumn<I extends number = number> = ColumnType<
  I | null,
  TimestampValue | null | undefined,
  TimestampValue | null
>;

/** An instant (milliseconds since 1970) as a SQL value, for inserts, updates and comparisons alike. */
export const asTimestamp = <I extends number>(instant: I): RawBuilder<I & TimestampValue> =>
  sql<I & TimestampValue>`${new Date(instant).toISOString()}::timestamptz`;

const parseInt8 = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`integer ${text} is beyond the safe range`);
  return value;
};

/** PostgreSQL writes "2026-03-01 02:30:00.5+00" (or "+05:30"); infinity stays ±Infinity. */
const parseTimestamp = (text: string): number => {
  if (text === 'infinity') return Infinity;
  if (text === '-infinity') return -Infinity;
  const instant = Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  if (Number.isNaN(instant)) throw new RangeError(`timestamp ${text} is outside the years CPM can hold`);
  return instant;
};

/** The type parsers of every connection CPM opens; pg's global table is left alone. */
export const columnTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === TIMESTAMPTZ) return parseTimestamp;
    if (format !== 'binary' && oid === INT8) return parseInt8;
    return types.getTypeParser(oid, format);
  }) as typeof types.getTypeParser,
};

/** Start-up options of every connection: the text of a timestamp must not depend on the server's own zone or style. */
export const sessionSettings = '-c TimeZone=UTC -c DateStyle=ISO,YMD';
