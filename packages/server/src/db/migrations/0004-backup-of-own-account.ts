import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * A backup is of an account of its owner: the database holds that itself, in one key where there were two. Each key costs a
 * look-up a row, and a thousand policies that are due at the same second write their rows at the same second.
 */
export const backupOfOwnAccount = {
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
];
