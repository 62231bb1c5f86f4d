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
  // Everything that backups ever held, each once, as it was called last: what a person searches for to bring it back.
  `create table known_resources (
     id uuid primary key default gen_random_uuid(),
     owner_id uuid not null references users (id),
     account_id uuid not null references accounts (id) on delete cascade,
     kind text not null check (kind in ('instance', 'volume', 'database', 'database-cluster', 'redshift-cluster')),
     region text not null,
     resource_id text not null,
     name text not null,
     constraint known_resources_once unique (account_id, kind, region, resource_id)
   )`,
  `insert into known_resources (owner_id, account_id, kind, region, resource_id, name)
   select distinct on (account_id, kind, region, resource_id) r.owner_id, account_id, kind, region, resource_id,
     coalesce(nullif(resource_name, ''), resource_id)
   from backup_resources r join backups b on b.id = r.backup_id
   where r.state in ('planned', 'configuration-only')
   order by account_id, kind, region, resource_id, started_at desc`,
  `create index known_resources_list on known_resources (owner_id, name, id)`,
  // Which of them a backup can bring back, and to which moment; null while it cannot, or not any more.
  `alter table backup_resources
     add point_of uuid references known_resources (id),
     add point_at timestamptz(3),
     add check ((point_of is null) = (point_at is null))`,
  `update backup_resources r set point_of = k.id, point_at = b.started_at
   from backups b, known_resources k
   where b.id = r.backup_id and k.account_id = b.account_id and k.kind = r.kind and k.region = r.region
     and k.resource_id = r.resource_id and b.recoverable and b.status is not null
     and b.deletion_marked_at is null and b.deleted_at is null
     and (exists (select from snapshots where snapshots.resource_id = r.id and snapshots.state = 'completed')
       or (r.state = 'configuration-only' and r.configuration_id is not null))`,
  // The newest first: a page of them, their number, the first and the last are read from here alone.
  `create index backup_resources_points on backup_resources (point_of, point_at desc, id) where point_of is not null`,
  // Whether any record names a resource still: equal keys share their place in the index, a few bytes a row.
  `create index backup_resources_resource on backup_resources (resource_id, kind, region)`,
];
