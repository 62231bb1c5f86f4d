import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * What a backup and its job cost to write, for a thousand policies that are due at the same second write theirs at the same
 * second: a backup is of an account of its owner, which one key holds now in place of two, and jobs are found by their line.
 */
export const lighterRows = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `alter table accounts add constraint accounts_of_owner unique (id, owner_id)`,
  `alter table backups
     drop constraint backups_account_id_fkey,
     drop constraint backups_owner_id_fkey,
     add constraint backups_account_of_owner foreign key (account_id, owner_id) references accounts (id, owner_id)`,
  // When the next job falls due stands in each line's own order; at one place for all, writers waited for each other.
  `drop index jobs_wake`,
  `drop index jobs_subject`,
];
