import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpSchema } from './dump-schema.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

test('two databases made by the same migrations have the same dump', async () => {
  const other = await createTestDatabase();
  expect(await dumpSchema(other.db)).toBe(await dumpSchema(database.db));
  await other.drop();
});

test('everything a reviewer must see is in the dump, and the bookkeeping of migrations is not', async () => {
  const before = await dumpSchema(database.db);
  expect(before).not.toContain('schema_migration');
  const statements = [
    `create type zz_mood as enum ('good', 'it''s bad')`,
    `create function zz_touch() returns trigger language plpgsql as $$ begin return new; end $$`,
    `create table zz_parent (id int8 generated always as identity primary key)`,
    `create table zz_child (
       "order" int not null, mood zz_mood default 'good', name text collate "C" not null check (name <> ''),
       parent_id int8 references zz_parent on delete cascade, at timestamptz(3) not null default now(),
       upper_name text generated always as (upper(name)) stored, unique (name, at))`,
    `comment on table zz_child is 'one child'`,
    `create index zz_child_recent on zz_child (at desc, name) where mood = 'good'`,
    `create trigger zz_touched before update on zz_child for each row execute function zz_touch()`,
    `alter table zz_child enable row level security`,
    `create policy zz_good_only on zz_child for select using (mood = 'good')`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(database.db);
  const added = (await dumpSchema(database.db)).split('\n').filter((line) => !before.split('\n').includes(line));
  expect(added.join('\n')).toMatchInlineSnapshot(`
    "create type zz_mood as enum ('good', 'it''s bad');
    CREATE OR REPLACE FUNCTION public.zz_touch()
     RETURNS trigger
     LANGUAGE plpgsql
    AS $function$ begin return new; end $function$;
    create table zz_child (
      "order" integer not null,
      mood zz_mood default 'good'::zz_mood,
      name text collate "C" not null,
      parent_id bigint,
      at timestamp(3) with time zone default now() not null,
      upper_name text generated always as (upper(name)) stored,
      constraint zz_child_name_at_key UNIQUE (name, at),
      constraint zz_child_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES zz_parent(id) ON DELETE CASCADE,
      constraint zz_child_name_check CHECK ((name <> ''::text))
    comment on table zz_child is 'one child';
    CREATE INDEX zz_child_recent ON public.zz_child USING btree (at DESC, name) WHERE (mood = 'good'::zz_mood);
    CREATE TRIGGER zz_touched BEFORE UPDATE ON public.zz_child FOR EACH ROW EXECUTE FUNCTION zz_touch();
    alter table zz_child enable row level security;
    create policy zz_good_only on zz_child for select using ((mood = 'good'::zz_mood));
    create table zz_parent (
      id bigint generated always as identity not null,
      constraint zz_parent_pkey PRIMARY KEY (id)"
  `);
});
