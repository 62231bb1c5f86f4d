import { cpmError } from '@cpm/core';
import { sql, type RawBuilder } from 'kysely';

const DEFAULT_LIMIT = 50;

export type PageQuery = { readonly limit?: number | undefined; readonly cursor?: string | undefined };
export type Page<Row> = { readonly items: Row[]; readonly next: string | null };

/** One column of the order of a list; the last one must be unique. */
export type SortKey<Row> = {
  /** A column of the query, named by our own code only. */
  readonly column: string;
  readonly of: (row: Row) => string | number | null;
  readonly direction: 'asc' | 'desc';
  readonly type: 'time' | 'text' | 'uuid';
  /** Only then is the place of nulls named, which an ordinary index does not serve. */
  readonly nullable?: true;
};

/** The part of a Kysely select that paging needs; its own type names every table of the query. */
type Pageable<Row> = {
  readonly where: (condition: RawBuilder<boolean>) => Pageable<Row>;
  readonly orderBy: (order: RawBuilder<unknown>) => Pageable<Row>;
  readonly limit: (rows: number) => Pageable<Row>;
  readonly execute: () => Promise<Row[]>;
};

/**
 * One page by keyset: rows after the cursor's values in the order of `keys`, so that page 1,000 costs what page 1 does
 * and nothing is shown twice while rows are added. Throws `invalid_request` for a cursor that is not of this list.
 */
export async function pageAfter<Row>(
  query: unknown,
  page: PageQuery,
  keys: readonly SortKey<Row>[],
): Promise<Page<Row>> {
  const limit = page.limit ?? DEFAULT_LIMIT;
  let ordered = query as Pageable<Row>;
  if (page.cursor !== undefined) {
    const after = afterCursor(keys, readCursor(page.cursor, keys));
    ordered = ordered.where(after);
  }
  for (const key of keys) ordered = ordered.orderBy(orderOf(key));
  const rows = await ordered.limit(limit + 1).execute();
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(keys, last) : null };
}

type CursorValue = string | number | null;

/**
 * What comes after the cursor: past the first column's value, or equal there and past the rest. The bound on the first
 * column stands alone, so that PostgreSQL can walk an index from it. Nulls come first ascending, last descending.
 */
function afterCursor<Row>(keys: readonly SortKey<Row>[], values: readonly CursorValue[]): RawBuilder<boolean> {
  const [key, ...rest] = keys;
  const [value = null, ...others] = values;
  if (key === undefined) return sql<boolean>`false`;
  const column = sql.ref(key.column);
  const descending = key.direction === 'desc';
  if (value === null) {
    const tied = sql<boolean>`(${column} is null and ${afterCursor(rest, others)})`;
    return descending ? tied : sql<boolean>`(${column} is not null or ${tied})`;
  }
  const literal = literalOf(key.type, value);
  const [past, bound] = descending
    ? [sql`${column} < ${literal}`, sql`${column} <= ${literal}`]
    : [sql`${column} > ${literal}`, sql`${column} >= ${literal}`];
  const after =
    rest.length === 0 ? sql<boolean>`${past}` : sql<boolean>`(${bound} and (${past} or ${afterCursor(rest, others)}))`;
  return descending && key.nullable === true ? sql<boolean>`(${after} or ${column} is null)` : after;
}

function orderOf<Row>({ column, direction, nullable }: SortKey<Row>): RawBuilder<unknown> {
  const name = sql.ref(column);
  if (nullable !== true) return direction === 'desc' ? sql`${name} desc` : sql`${name} asc`;
  return direction === 'desc' ? sql`${name} desc nulls last` : sql`${name} asc nulls first`;
}

function literalOf(type: SortKey<never>['type'], value: CursorValue): RawBuilder<unknown> {
  if (value === null) return sql`null`;
  if (type === 'time') return sql`${new Date(Number(value)).toISOString()}::timestamptz`;
  return type === 'uuid' ? sql`${value}::uuid` : sql`${value}`;
}

function writeCursor<Row>(keys: readonly SortKey<Row>[], row: Row): string {
  return Buffer.from(JSON.stringify([keys.map(nameOf).join(), ...keys.map((key) => key.of(row))])).toString(
    'base64url',
  );
}

function readCursor<Row>(cursor: string, keys: readonly SortKey<Row>[]): CursorValue[] {
  const refused = cpmError('invalid_request', {
    fields: [{ path: 'query.cursor', message: 'this is no cursor of this list; start again without one' }],
  });
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw refused;
  }
  if (!Array.isArray(read) || read.length !== keys.length + 1 || read[0] !== keys.map(nameOf).join()) throw refused;
  const values = read.slice(1) as unknown[];
  if (!values.every((value, index) => fits(value, keys[index]?.type))) throw refused;
  return values as CursorValue[];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function fits(value: unknown, type: SortKey<never>['type'] | undefined): boolean {
  if (value === null) return type !== 'uuid';
  if (type === 'time') return typeof value === 'number' && Math.abs(value) < 8.64e15;
  return typeof value === 'string' && (type !== 'uuid' || UUID.test(value)) && !value.includes('\0');
}

const nameOf = ({ column, direction }: { column: string; direction: string }): string => `${column} ${direction}`;
