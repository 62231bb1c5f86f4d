import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { createEngineTables } from '../../engine/engine-tables.ts';

/**
 * The first rooms: users, accounts, schedules, policies, backups with their snapshots, recoveries, and the engine's tables.
 * Every table of a feature names its owner, so that each statement can be scoped to one.
 */
export const firstRooms = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createEngineTables(db);
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table settings (
     key text primary key,
     value jsonb not null
   )`,

  `create table users (
     id uuid primary key,
     name text not null,
     email text not null,
     kind text not null check (kind in ('root', 'independent', 'managed')),
     password_hash text not null,
     created_at timestamptz(3) not null
   )`,
  `create unique index users_name on users (lower(name))`,
  // S02: there is one root user, ever.
  `create unique index users_one_root on users (kind) where kind = 'root'`,

  `create table sessions (
     id uuid primary key,
     token_hash bytea not null unique,
     user_id uuid not null references users on delete cascade,
     created_at timestamptz(3) not null,
     last_seen_at timestamptz(3) not null,
     expires_at timestamptz(3) not null
   )`,
  `create index sessions_user on sessions (user_id)`,

  `create table api_tokens (
     id uuid primary key,
     owner_id uuid not null references users on delete cascade,
     name text not null,
     prefix text not null,
     token_hash bytea not null unique,
     created_at timestamptz(3) not null,
     expires_at timestamptz(3),
     last_used_at timestamptz(3),
     unique (owner_id, name)
   )`,
  `create index api_tokens_owner on api_tokens (owner_id, created_at desc, id)`,

  // What an Idempotency-Key answered, kept a day.
  `create table idempotency_keys (
     owner_id uuid not null references users on delete cascade,
     key text not null,
     request_hash bytea not null,
     status smallint,
     reply jsonb,
     created_at timestamptz(3) not null,
     primary key (owner_id, key)
   )`,
  `create index idempotency_keys_age on idempotency_keys (created_at)`,

  `create table accounts (
     id uuid primary key,
     owner_id uuid not null references users,
     name text not null,
     kind text not null check (kind in ('backup', 'dr')),
     access_key_id text not null,
     secret_key bytea not null,
     aws_account_number text not null,
     arn text not null,
     scan_resources boolean not null,
     may_delete_snapshots boolean not null,
     created_at timestamptz(3) not null,
     verified_at timestamptz(3) not null,
     unique (owner_id, name)
   )`,

  `create table schedules (
     id uuid primary key,
     owner_id uuid not null references users,
     name text not null,
     description text not null,
     enabled boolean not null,
     rule jsonb not null,
     never_fires boolean not null,
     -- When it fires next; null while it is disabled or has no firing left.
     next_due_at timestamptz(3),
     created_at timestamptz(3) not null,
     unique (owner_id, name)
   )`,
  `create index schedules_due on schedules (next_due_at) where next_due_at is not null`,

  `create table policies (
     id uuid primary key,
     owner_id uuid not null references users,
     account_id uuid not null references accounts,
     name text not null,
     description text not null,
     enabled boolean not null,
     generations integer not null check (generations >= 1),
     auto_target_removal text not null check (auto_target_removal in ('no', 'yes', 'yes-and-alert')),
     created_at timestamptz(3) not null,
     revision integer not null,
     -- Set while its backups are being removed: it fires no more and shows no more.
     removed_at timestamptz(3)
   )`,
  `create unique index policies_name on policies (owner_id, name) where removed_at is null`,
  `create index policies_account on policies (account_id)`,

  `create table policy_targets (
     id uuid primary key,
     owner_id uuid not null references users,
     policy_id uuid not null references policies on delete cascade,
     kind text not null check (kind in ('instance', 'volume')),
     region text not null,
     resource_id text not null,
     resource_name text not null,
     take text check (take in ('all', 'some', 'none')),
     volume_ids text[] not null,
     added_at timestamptz(3) not null,
     unique (policy_id, region, resource_id),
     check ((kind = 'instance') = (take is not null))
   )`,
  `create index policy_targets_resource on policy_targets (owner_id, resource_id)`,

  `create table policy_schedules (
     policy_id uuid not null references policies on delete cascade,
     schedule_id uuid not null references schedules,
     primary key (policy_id, schedule_id)
   )`,
  `create index policy_schedules_schedule on policy_schedules (schedule_id)`,

  // I4: a due slot that made no backup, with the reason.
  `create table skipped_firings (
     policy_id uuid not null references policies on delete cascade,
     due_at timestamptz(3) not null,
     recorded_at timestamptz(3) not null,
     reason text not null,
     primary key (policy_id, due_at)
   )`,

  `create table backups (
     id uuid primary key,
     owner_id uuid not null references users,
     policy_id uuid references policies on delete set null,
     policy_name text not null,
     account_id uuid not null references accounts,
     account_name text not null,
     trigger text not null check (trigger in ('schedule', 'manual')),
     due_at timestamptz(3),
     started_at timestamptz(3) not null,
     ended_at timestamptz(3),
     phase text not null check (phase in ('queued', 'starting', 'waiting', 'aborting', 'ended')),
     -- Null until the outcome is fixed.
     status text check (status in ('successful', 'partial', 'failed')),
     reasons text[] not null,
     is_generation boolean not null,
     recoverable boolean not null,
     progress_percent smallint not null,
     start_skew_ms integer,
     snapshot_count integer not null,
     size_gib bigint not null,
     deletion_marked_at timestamptz(3),
     deletion_reason text,
     deleted_at timestamptz(3),
     check ((phase = 'ended') = (status is not null)),
     check ((phase = 'ended') = (ended_at is not null))
   )`,
  `create unique index backups_slot on backups (policy_id, due_at) where due_at is not null`,
  // Two firings at once, or a firing and "run now": at most one backup of a policy runs.
  `create unique index backups_running on backups (policy_id) where ended_at is null`,
  `create index backups_owner on backups (owner_id, started_at desc, id)`,
  `create index backups_policy on backups (policy_id, started_at desc, id)`,
  `create index backups_account on backups (account_id)`,
  `create index backups_marked on backups (policy_id) where deletion_marked_at is not null and deleted_at is null`,

  `create table backup_resources (
     id uuid primary key,
     owner_id uuid not null references users,
     backup_id uuid not null references backups on delete cascade,
     kind text not null check (kind in ('instance', 'volume')),
     region text not null,
     resource_id text not null,
     resource_name text not null,
     state text not null check (state in ('planned', 'configuration-only', 'refused', 'missing', 'removed')),
     message text,
     target_id uuid,
     configuration jsonb,
     -- User data may hold secrets: sealed like a secret key, never part of the configuration.
     sealed_user_data bytea,
     unique (backup_id, region, resource_id)
   )`,

  `create table snapshots (
     id uuid primary key,
     owner_id uuid not null references users,
     backup_id uuid not null references backups on delete cascade,
     resource_id uuid not null references backup_resources on delete cascade,
     account_id uuid not null references accounts,
     region text not null,
     volume_id text not null,
     device text,
     is_root boolean not null,
     size_gib integer not null,
     zone text not null,
     volume_type text not null,
     iops integer,
     throughput_mibs integer,
     encrypted boolean not null,
     volume_tags jsonb not null,
     -- All snapshots of one AWS call share the attempt; it is written before the call and travels in its tags.
     attempt_id uuid not null,
     -- Whether a CreateSnapshot of its own takes it, instead of the CreateSnapshots of its instance.
     own_call boolean not null,
     aws_snapshot_id text,
     state text not null check (state in ('intended', 'pending', 'completed', 'error', 'missing', 'deleted')),
     progress_percent smallint not null,
     message text,
     started_at timestamptz(3),
     completed_at timestamptz(3),
     -- Since when AWS does not show it any more; not believed at once.
     absent_since timestamptz(3),
     -- When a deletion that AWS refused is tried again.
     next_deletion_at timestamptz(3),
     check (state not in ('pending', 'completed') or aws_snapshot_id is not null)
   )`,
  `create unique index snapshots_aws on snapshots (account_id, region, aws_snapshot_id) where aws_snapshot_id is not null`,
  `create index snapshots_backup on snapshots (backup_id)`,
  `create index snapshots_resource on snapshots (resource_id)`,
  `create index snapshots_pending on snapshots (account_id, region) where state = 'pending'`,

  // Attempts whose answer was lost and that were given up: what AWS may still show of them is no backup of ours.
  `create table abandoned_attempts (
     attempt_id uuid primary key,
     owner_id uuid not null references users,
     account_id uuid not null references accounts,
     backup_id uuid references backups on delete set null,
     region text not null,
     abandoned_at timestamptz(3) not null,
     settled_at timestamptz(3)
   )`,
  `create index abandoned_attempts_open on abandoned_attempts (account_id, region) where settled_at is null`,

  // Attributes of instances that cost a call each; re-read when the instance was started anew, and daily.
  `create table instance_attributes (
     account_id uuid not null references accounts on delete cascade,
     region text not null,
     instance_id text not null,
     fingerprint text not null,
     -- Sealed: user data is among them.
     sealed_attributes bytea not null,
     read_at timestamptz(3) not null,
     primary key (account_id, region, instance_id)
   )`,

  `create table log_lines (
     subject_id uuid not null,
     seq bigint not null generated always as identity,
     at timestamptz(3) not null,
     level text not null check (level in ('info', 'warning', 'error')),
     text text not null,
     primary key (subject_id, seq)
   )`,

  `create table recoveries (
     id uuid primary key,
     owner_id uuid not null references users,
     backup_id uuid not null references backups,
     policy_id uuid references policies on delete set null,
     policy_name text not null,
     account_id uuid not null references accounts,
     account_name text not null,
     kind text not null check (kind in ('volumes', 'instance')),
     region text not null,
     source_name text not null,
     inputs jsonb not null,
     -- Sealed: it holds the user data of instances.
     sealed_plan bytea not null,
     warnings text[] not null,
     status text check (status in ('successful', 'partial', 'failed')),
     step text not null,
     progress_percent smallint not null,
     reasons text[] not null,
     started_at timestamptz(3) not null,
     ended_at timestamptz(3),
     check ((status is null) = (ended_at is null))
   )`,
  `create index recoveries_owner on recoveries (owner_id, started_at desc, id)`,
  `create index recoveries_backup on recoveries (backup_id)`,
  `create index recoveries_policy on recoveries (policy_id, started_at desc)`,

  // I8: the row is written before the call that makes the object; token finds it again when the answer was lost.
  `create table recovery_objects (
     id uuid primary key,
     recovery_id uuid not null references recoveries on delete cascade,
     position integer not null,
     kind text not null check (kind in ('volume', 'instance', 'image', 'attachment')),
     region text not null,
     token uuid not null,
     aws_id text,
     state text not null check (state in ('creating', 'kept', 'removed', 'failed')),
     note text not null,
     made_at timestamptz(3) not null,
     unique (recovery_id, position)
   )`,
];
