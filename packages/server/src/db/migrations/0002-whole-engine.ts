import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * What the whole backup engine keeps: scripts and retries of policies, databases and clusters as targets, aborts, the
 * freezer, the ledger of deletions, alerts, and what the regular compare with AWS found.
 */
export const wholeEngine = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const kinds = `('instance', 'volume', 'database', 'database-cluster', 'redshift-cluster')`;

const statements = [
  `alter table policies
     add success_rule text not null default 'no-issues' check (success_rule in ('no-issues', 'snapshots-succeed')),
     add retries integer not null default 3 check (retries >= 0),
     add retry_wait_minutes integer not null default 10 check (retry_wait_minutes >= 1),
     add script_runner text not null default 'none' check (script_runner in ('none', 'server', 'ssm')),
     add script_timeout_seconds integer not null default 30 check (script_timeout_seconds >= 1),
     add collect_script_output boolean not null default false,
     add ssm_commands jsonb,
     add copy_source_tags boolean not null default false,
     add check (script_runner <> 'ssm' or ssm_commands is not null)`,

  // A database and a cluster may bear the same identifier.
  `alter table policy_targets
     drop constraint policy_targets_kind_check,
     add constraint policy_targets_kind_check check (kind in ${kinds}),
     drop constraint policy_targets_policy_id_region_resource_id_key,
     add constraint policy_targets_resource_once unique (policy_id, kind, region, resource_id)`,
  `alter table backup_resources
     drop constraint backup_resources_kind_check,
     add constraint backup_resources_kind_check check (kind in ${kinds}),
     drop constraint backup_resources_backup_id_region_resource_id_key,
     add constraint backup_resources_resource_once unique (backup_id, kind, region, resource_id)`,

  // What instances, databases and clusters were: each content once for its owner, however many backups found it so.
  `create table configurations (
     id uuid primary key,
     owner_id uuid not null references users,
     -- SHA-256 of the content as jsonb writes it.
     hash bytea not null,
     content jsonb not null,
     unique (owner_id, hash)
   )`,
  `alter table backup_resources
     add configuration_id uuid references configurations,
     add recorded_at timestamptz(3)`,
  `insert into configurations (id, owner_id, hash, content)
     select gen_random_uuid(), owner_id, sha256(convert_to(content::text, 'UTF8')), content
     from (select distinct owner_id, configuration - 'recordedAt' as content from backup_resources
       where configuration is not null) as each`,
  `update backup_resources set configuration_id = configurations.id,
       recorded_at = to_timestamp((configuration ->> 'recordedAt')::double precision / 1000)
     from configurations
     where configurations.owner_id = backup_resources.owner_id and content = configuration - 'recordedAt'`,
  `alter table backup_resources drop column configuration`,
  `create index backup_resources_configuration on backup_resources (configuration_id)
     where configuration_id is not null`,

  `alter table snapshots
     add service text not null default 'ebs' check (service in ('ebs', 'rds', 'rds-cluster', 'redshift'))`,
  // Of which volume, database or cluster it is.
  `alter table snapshots rename column volume_id to source_id`,
  `drop index snapshots_aws`,
  `create unique index snapshots_aws on snapshots (account_id, region, service, aws_snapshot_id)
     where aws_snapshot_id is not null`,
  `alter table abandoned_attempts
     add service text not null default 'ebs' check (service in ('ebs', 'rds', 'rds-cluster', 'redshift')),
     -- The identifier under which a database's snapshot would have been made.
     add snapshot_name text`,

  `alter table backups
     drop constraint backups_trigger_check,
     add constraint backups_trigger_check check (trigger in ('schedule', 'manual', 'retry')),
     -- The backup whose failure it makes good, and the how manieth attempt it is (0: the first).
     add retry_of uuid references backups on delete set null,
     add retry_number integer not null default 0,
     -- When a retry of it starts; null when none is waiting.
     add retry_at timestamptz(3),
     add abort_requested_at timestamptz(3),
     add abort_requested_by text,
     -- From the start of the first to the acceptance of the last snapshot call between "before" and "after".
     add freeze_window_ms integer,
     add frozen_at timestamptz(3),
     add frozen_name text,
     add frozen_description text not null default '',
     add frozen_by text,
     -- Who deleted it by hand; null where retention did. What a person deleted no rule brings back.
     add deletion_by text,
     add check ((frozen_at is null) = (frozen_name is null)),
     add check ((abort_requested_at is null) = (abort_requested_by is null))`,
  `create unique index backups_frozen_name on backups (owner_id, frozen_name) where frozen_name is not null`,
  `create index backups_frozen on backups (owner_id, frozen_at desc, id) where frozen_at is not null`,
  `create index backups_retry on backups (policy_id) where retry_at is not null`,

  // What AWS told of the room for manual snapshots when a policy with databases was last changed: it warns, it decides nothing.
  `create table snapshot_quotas (
     account_id uuid not null references accounts on delete cascade,
     region text not null,
     service text not null check (service in ('rds', 'rds-cluster', 'redshift')),
     used integer not null,
     max integer not null,
     of_cpm integer not null,
     is_assumed boolean not null,
     read_at timestamptz(3) not null,
     primary key (account_id, region, service)
   )`,

  // I5: the row is committed before the script starts; a started one is never started again.
  `create table backup_scripts (
     id uuid primary key,
     owner_id uuid not null references users,
     backup_id uuid not null references backups on delete cascade,
     step text not null check (step in ('before', 'after', 'complete')),
     runner text not null check (runner in ('server', 'ssm')),
     -- What it was told: 1 or 0; empty for "before".
     argument text not null,
     state text not null check (state in ('started', 'succeeded', 'failed')),
     reason text,
     exit_code integer,
     -- What it wrote to its standard error, where that is collected.
     output text,
     -- Who it is on this machine, so that one that outlived the server is found and no other process is hit.
     pid integer,
     pid_started text,
     -- SSM's command on the instances; null for a script of the server.
     command_id text,
     started_at timestamptz(3) not null,
     ended_at timestamptz(3),
     unique (backup_id, step),
     check ((state = 'started') = (ended_at is null))
   )`,

  // What was deleted in AWS, why, and what AWS said: kept for good, also when backup and policy are gone.
  `create table deletions (
     id uuid primary key,
     owner_id uuid not null references users,
     account_id uuid not null references accounts,
     account_name text not null,
     policy_name text not null,
     backup_id uuid not null,
     region text not null,
     service text not null check (service in ('ebs', 'rds', 'rds-cluster', 'redshift')),
     aws_snapshot_id text not null,
     source_id text not null,
     reason text not null,
     marked_at timestamptz(3) not null,
     state text not null check (state in ('waiting', 'deleted', 'gone', 'kept')),
     -- Why it is not deleted, while it is kept.
     message text,
     obstacle text check (obstacle in ('in-use', 'locked', 'shared', 'denied', 'foreign', 'passing', 'refused')),
     tried_at timestamptz(3),
     ended_at timestamptz(3),
     unique (account_id, region, service, aws_snapshot_id),
     check ((state in ('deleted', 'gone')) = (ended_at is not null))
   )`,
  `create index deletions_owner on deletions (owner_id, marked_at desc, id)`,
  `create index deletions_backup on deletions (backup_id)`,

  `create table alerts (
     id uuid primary key,
     owner_id uuid not null references users,
     policy_id uuid references policies on delete cascade,
     account_id uuid references accounts on delete cascade,
     -- What it is about, so that one fact has one open alert: backup, missed, overdue, reconciliation, system…
     category text not null,
     subject text not null,
     severity text not null check (severity in ('info', 'warning', 'error')),
     title text not null,
     message text not null,
     backup_id uuid references backups on delete set null,
     opened_at timestamptz(3) not null,
     closed_at timestamptz(3)
   )`,
  `create unique index alerts_open on alerts (owner_id, category, subject) where closed_at is null`,
  `create index alerts_owner on alerts (owner_id, opened_at desc, id)`,

  // The last compare of AWS with the records, for each account and region.
  `create table reconciliations (
     account_id uuid not null references accounts on delete cascade,
     region text not null,
     owner_id uuid not null references users,
     started_at timestamptz(3) not null,
     ended_at timestamptz(3),
     -- Why it could not be done; null when it was.
     error text,
     snapshots_seen integer not null,
     primary key (account_id, region)
   )`,
  `create table reconciliation_findings (
     id uuid primary key,
     owner_id uuid not null references users,
     account_id uuid not null references accounts on delete cascade,
     region text not null,
     service text not null check (service in ('ebs', 'rds', 'rds-cluster', 'redshift')),
     aws_snapshot_id text not null,
     -- adopted: a lost answer's snapshot taken into its backup · leftover: CPM's, of no backup that wants it, removed ·
     -- unknown: bears CPM's tags, but the records know nothing of it · vanished: on record and gone from AWS.
     kind text not null check (kind in ('adopted', 'leftover', 'unknown', 'vanished')),
     message text not null,
     backup_id uuid references backups on delete set null,
     -- Two looks apart: what is seen once only is not believed.
     first_seen_at timestamptz(3) not null,
     confirmed_at timestamptz(3),
     resolved_at timestamptz(3)
   )`,
  `create unique index reconciliation_findings_open on reconciliation_findings
     (account_id, region, service, aws_snapshot_id, kind) where resolved_at is null`,
  `create index reconciliation_findings_owner on reconciliation_findings (owner_id, first_seen_at desc, id)`,
];
