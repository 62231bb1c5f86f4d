import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * Everything that is backed up comes back: databases and clusters, steps that are followed live, what a recovery replaces
 * beside what it makes, other credentials, several at once, and keeping or rolling back what was made.
 */
export const recoveryComplete = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `alter table recoveries
     drop constraint recoveries_kind_check,
     add constraint recoveries_kind_check
       check (kind in ('volumes', 'instance', 'database', 'database-cluster', 'redshift-cluster')),
     -- In order; the one under way is counted from 0.
     add steps text[] not null default '{}',
     add step_number smallint not null default 0,
     -- What was going to be made, changed and deleted, as the person was shown it.
     add planned jsonb not null default '[]',
     -- They were given for this recovery alone and are held in memory only.
     add uses_own_credentials boolean not null default false,
     -- Recoveries that were asked for together.
     add group_id uuid,
     -- What became of the things it made, where the person decided.
     add settled text check (settled in ('kept', 'rolling-back', 'rolled-back', 'roll-back-failed')),
     add settled_reasons text[] not null default '{}'`,
  `create index recoveries_group on recoveries (group_id) where group_id is not null`,
  `alter table recovery_objects
     drop constraint recovery_objects_kind_check,
     add constraint recovery_objects_kind_check
       check (kind in ('volume', 'instance', 'image', 'attachment', 'database', 'database-cluster', 'redshift-cluster')),
     -- Made by the recovery, or there before and replaced by it.
     add role text not null default 'made' check (role in ('made', 'replaced')),
     -- Of a replaced volume: where it belongs while it may be off there (instance, device, whether it goes with it).
     add taken_from jsonb`,
];
