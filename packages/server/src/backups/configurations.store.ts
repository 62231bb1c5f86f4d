import type { UserId } from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What a resource was, as JSON, under a key of the caller's. */
export type Content = { readonly key: string; readonly content: unknown };

/**
 * Stores what resources were, each content once for its owner: hourly backups of an unchanged instance share one row.
 * Answers the id of each key's row.
 */
export async function saveContents(
  tx: Kysely<Database>,
  ownerId: UserId,
  contents: readonly Content[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (let open = contents; open.length > 0; open = open.filter(({ key }) => !ids.has(key))) {
    // jsonb text has one order of keys, so equal contents have equal hashes. Of two that store the same at the same moment
    // one sees the other's row only in its next statement: then it asks again.
    const { rows } = await sql<{ key: string; id: string | null }>`
      with wanted as materialized (
        select key, content, sha256(convert_to(content::text, 'UTF8')) as hash
        from jsonb_to_recordset(${JSON.stringify(open)}::jsonb) as new(key text, content jsonb)
      ), fresh as (
        insert into configurations (id, owner_id, hash, content)
        select gen_random_uuid(), ${ownerId}::uuid, hash, content
        from (select distinct on (hash) hash, content from wanted order by hash) as each
        on conflict do nothing returning id, hash
      )
      select key, coalesce(fresh.id, known.id) as id from wanted left join fresh using (hash)
        left join configurations known on known.owner_id = ${ownerId} and known.hash = wanted.hash`.execute(tx);
    for (const { key, id } of rows) if (id !== null) ids.set(key, id);
  }
  return ids;
}

/** Removes some contents that no backup refers to any more; answers how many. */
export async function forgetUnusedContents(tx: Kysely<Database>, most: number): Promise<number> {
  const { rows } = await sql`
    delete from configurations where id in (
      select id from configurations
      where not exists (select from backup_resources where configuration_id = configurations.id) limit ${most}
    ) returning 1`.execute(tx);
  return rows.length;
}
