-- The schema as the migrations leave it. Written by the schema dump; compared by npm run check.

create table abandoned_attempts (
  attempt_id uuid not null,
  owner_id uuid not null,
  account_id uuid not null,
  backup_id uuid,
  region text not null,
  abandoned_at timestamp(3) with time zone not null,
  settled_at timestamp(3) with time zone,
  service text default 'ebs'::text not null,
  snapshot_name text,
  constraint abandoned_attempts_pkey PRIMARY KEY (attempt_id),
  constraint abandoned_attempts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint abandoned_attempts_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id) ON DELETE SET NULL,
  constraint abandoned_attempts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint abandoned_attempts_service_check CHECK ((service = ANY (ARRAY['ebs'::text, 'rds'::text, 'rds-cluster'::text, 'redshift'::text])))
);
CREATE INDEX abandoned_attempts_open ON public.abandoned_attempts USING btree (account_id, region) WHERE (settled_at IS NULL);

create table accounts (
  id uuid not null,
  owner_id uuid not null,
  name text not null,
  kind text not null,
  access_key_id text not null,
  secret_key bytea not null,
  aws_account_number text not null,
  arn text not null,
  scan_resources boolean not null,
  may_delete_snapshots boolean not null,
  created_at timestamp(3) with time zone not null,
  verified_at timestamp(3) with time zone not null,
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_of_owner UNIQUE (id, owner_id),
  constraint accounts_owner_id_name_key UNIQUE (owner_id, name),
  constraint accounts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint accounts_kind_check CHECK ((kind = ANY (ARRAY['backup'::text, 'dr'::text])))
);

create table alerts (
  id uuid not null,
  owner_id uuid not null,
  policy_id uuid,
  account_id uuid,
  category text not null,
  subject text not null,
  severity text not null,
  title text not null,
  message text not null,
  backup_id uuid,
  opened_at timestamp(3) with time zone not null,
  closed_at timestamp(3) with time zone,
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint alerts_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id) ON DELETE SET NULL,
  constraint alerts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint alerts_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies(id) ON DELETE CASCADE,
  constraint alerts_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text])))
);
CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (owner_id, category, subject) WHERE (closed_at IS NULL);
CREATE INDEX alerts_owner ON public.alerts USING btree (owner_id, opened_at DESC, id);

create table api_tokens (
  id uuid not null,
  owner_id uuid not null,
  name text not null,
  prefix text not null,
  token_hash bytea not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  constraint api_tokens_pkey PRIMARY KEY (id),
  constraint api_tokens_owner_id_name_key UNIQUE (owner_id, name),
  constraint api_tokens_token_hash_key UNIQUE (token_hash),
  constraint api_tokens_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_owner ON public.api_tokens USING btree (owner_id, created_at DESC, id);

create table backup_resources (
  id uuid not null,
  owner_id uuid not null,
  backup_id uuid not null,
  kind text not null,
  region text not null,
  resource_id text not null,
  resource_name text not null,
  state text not null,
  message text,
  target_id uuid,
  sealed_user_data bytea,
  configuration_id uuid,
  recorded_at timestamp(3) with time zone,
  point_of uuid,
  point_at timestamp(3) with time zone,
  constraint backup_resources_pkey PRIMARY KEY (id),
  constraint backup_resources_resource_once UNIQUE (backup_id, kind, region, resource_id),
  constraint backup_resources_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id) ON DELETE CASCADE,
  constraint backup_resources_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES configurations(id),
  constraint backup_resources_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint backup_resources_point_of_fkey FOREIGN KEY (point_of) REFERENCES known_resources(id),
  constraint backup_resources_check CHECK (((point_of IS NULL) = (point_at IS NULL))),
  constraint backup_resources_kind_check CHECK ((kind = ANY (ARRAY['instance'::text, 'volume'::text, 'database'::text, 'database-cluster'::text, 'redshift-cluster'::text]))),
  constraint backup_resources_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'configuration-only'::text, 'refused'::text, 'missing'::text, 'removed'::text])))
);
CREATE INDEX backup_resources_configuration ON public.backup_resources USING btree (configuration_id) WHERE (configuration_id IS NOT NULL);
CREATE INDEX backup_resources_points ON public.backup_resources USING btree (point_of, point_at DESC, id) WHERE (point_of IS NOT NULL);
CREATE INDEX backup_resources_resource ON public.backup_resources USING btree (resource_id, kind, region);

create table backup_scripts (
  id uuid not null,
  owner_id uuid not null,
  backup_id uuid not null,
  step text not null,
  runner text not null,
  argument text not null,
  state text not null,
  reason text,
  exit_code integer,
  output text,
  pid integer,
  pid_started text,
  command_id text,
  started_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  constraint backup_scripts_pkey PRIMARY KEY (id),
  constraint backup_scripts_backup_id_step_key UNIQUE (backup_id, step),
  constraint backup_scripts_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id) ON DELETE CASCADE,
  constraint backup_scripts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint backup_scripts_check CHECK (((state = 'started'::text) = (ended_at IS NULL))),
  constraint backup_scripts_runner_check CHECK ((runner = ANY (ARRAY['server'::text, 'ssm'::text]))),
  constraint backup_scripts_state_check CHECK ((state = ANY (ARRAY['started'::text, 'succeeded'::text, 'failed'::text]))),
  constraint backup_scripts_step_check CHECK ((step = ANY (ARRAY['before'::text, 'after'::text, 'complete'::text])))
);

create table backups (
  id uuid not null,
  owner_id uuid not null,
  policy_id uuid,
  policy_name text not null,
  account_id uuid not null,
  account_name text not null,
  trigger text not null,
  due_at timestamp(3) with time zone,
  started_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  phase text not null,
  status text,
  reasons text[] not null,
  is_generation boolean not null,
  recoverable boolean not null,
  progress_percent smallint not null,
  start_skew_ms integer,
  snapshot_count integer not null,
  size_gib bigint not null,
  deletion_marked_at timestamp(3) with time zone,
  deletion_reason text,
  deleted_at timestamp(3) with time zone,
  retry_of uuid,
  retry_number integer default 0 not null,
  retry_at timestamp(3) with time zone,
  abort_requested_at timestamp(3) with time zone,
  abort_requested_by text,
  freeze_window_ms integer,
  frozen_at timestamp(3) with time zone,
  frozen_name text,
  frozen_description text default ''::text not null,
  frozen_by text,
  deletion_by text,
  constraint backups_pkey PRIMARY KEY (id),
  constraint backups_account_of_owner FOREIGN KEY (account_id, owner_id) REFERENCES accounts(id, owner_id),
  constraint backups_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies(id) ON DELETE SET NULL,
  constraint backups_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES backups(id) ON DELETE SET NULL,
  constraint backups_check CHECK (((phase = 'ended'::text) = (status IS NOT NULL))),
  constraint backups_check1 CHECK (((phase = 'ended'::text) = (ended_at IS NOT NULL))),
  constraint backups_check2 CHECK (((frozen_at IS NULL) = (frozen_name IS NULL))),
  constraint backups_check3 CHECK (((abort_requested_at IS NULL) = (abort_requested_by IS NULL))),
  constraint backups_phase_check CHECK ((phase = ANY (ARRAY['queued'::text, 'starting'::text, 'waiting'::text, 'aborting'::text, 'ended'::text]))),
  constraint backups_status_check CHECK ((status = ANY (ARRAY['successful'::text, 'partial'::text, 'failed'::text]))),
  constraint backups_trigger_check CHECK ((trigger = ANY (ARRAY['schedule'::text, 'manual'::text, 'retry'::text])))
);
CREATE INDEX backups_account ON public.backups USING btree (account_id);
CREATE INDEX backups_frozen ON public.backups USING btree (owner_id, frozen_at DESC, id) WHERE (frozen_at IS NOT NULL);
CREATE UNIQUE INDEX backups_frozen_name ON public.backups USING btree (owner_id, frozen_name) WHERE (frozen_name IS NOT NULL);
CREATE INDEX backups_marked ON public.backups USING btree (policy_id) WHERE ((deletion_marked_at IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX backups_owner ON public.backups USING btree (owner_id, started_at DESC, id);
CREATE INDEX backups_policy ON public.backups USING btree (policy_id, started_at DESC, id);
CREATE INDEX backups_retry ON public.backups USING btree (policy_id) WHERE (retry_at IS NOT NULL);
CREATE UNIQUE INDEX backups_running ON public.backups USING btree (policy_id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX backups_slot ON public.backups USING btree (policy_id, due_at) WHERE (due_at IS NOT NULL);

create table configurations (
  id uuid not null,
  owner_id uuid not null,
  hash bytea not null,
  content jsonb not null,
  constraint configurations_pkey PRIMARY KEY (id),
  constraint configurations_owner_id_hash_key UNIQUE (owner_id, hash),
  constraint configurations_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id)
);

create table deletions (
  id uuid not null,
  owner_id uuid not null,
  account_id uuid not null,
  account_name text not null,
  policy_name text not null,
  backup_id uuid not null,
  region text not null,
  service text not null,
  aws_snapshot_id text not null,
  source_id text not null,
  reason text not null,
  marked_at timestamp(3) with time zone not null,
  state text not null,
  message text,
  obstacle text,
  tried_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  constraint deletions_pkey PRIMARY KEY (id),
  constraint deletions_account_id_region_service_aws_snapshot_id_key UNIQUE (account_id, region, service, aws_snapshot_id),
  constraint deletions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint deletions_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint deletions_check CHECK (((state = ANY (ARRAY['deleted'::text, 'gone'::text])) = (ended_at IS NOT NULL))),
  constraint deletions_obstacle_check CHECK ((obstacle = ANY (ARRAY['in-use'::text, 'locked'::text, 'shared'::text, 'denied'::text, 'foreign'::text, 'passing'::text, 'refused'::text]))),
  constraint deletions_service_check CHECK ((service = ANY (ARRAY['ebs'::text, 'rds'::text, 'rds-cluster'::text, 'redshift'::text]))),
  constraint deletions_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'deleted'::text, 'gone'::text, 'kept'::text])))
);
CREATE INDEX deletions_backup ON public.deletions USING btree (backup_id);
CREATE INDEX deletions_owner ON public.deletions USING btree (owner_id, marked_at DESC, id);

create table idempotency_keys (
  owner_id uuid not null,
  key text not null,
  request_hash bytea not null,
  status smallint,
  reply jsonb,
  created_at timestamp(3) with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (owner_id, key),
  constraint idempotency_keys_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);

create table instance_attributes (
  account_id uuid not null,
  region text not null,
  instance_id text not null,
  fingerprint text not null,
  sealed_attributes bytea not null,
  read_at timestamp(3) with time zone not null,
  constraint instance_attributes_pkey PRIMARY KEY (account_id, region, instance_id),
  constraint instance_attributes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE
);

create table jobs (
  id uuid default gen_random_uuid() not null,
  seq bigint generated always as identity not null,
  kind text not null,
  subject_id text not null,
  owner_id uuid,
  unique_key text,
  priority smallint default 0 not null,
  line text collate "C" generated always as (((((kind || ' '::text) || COALESCE((owner_id)::text, '-'::text)) || ' '::text) || (priority)::text)) stored not null,
  input json,
  state text default 'waiting'::text not null,
  wake_at timestamp(3) with time zone not null,
  back_off_until timestamp(3) with time zone,
  worker_id uuid,
  epoch integer default 0 not null,
  attempts integer default 0 not null,
  last_error text,
  cancel_requested boolean default false not null,
  woken boolean default false not null,
  again_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES workers(id),
  constraint jobs_check CHECK (((state = 'running'::text) = (worker_id IS NOT NULL))),
  constraint jobs_check1 CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text])) = (ended_at IS NOT NULL))),
  constraint jobs_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX jobs_ended ON public.jobs USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX jobs_line ON public.jobs USING btree (line, wake_at, seq) WHERE (state = 'waiting'::text);
CREATE UNIQUE INDEX jobs_unique ON public.jobs USING btree (kind, unique_key) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));
CREATE INDEX jobs_worker ON public.jobs USING btree (worker_id) WHERE (state = 'running'::text);

create table known_resources (
  id uuid default gen_random_uuid() not null,
  owner_id uuid not null,
  account_id uuid not null,
  kind text not null,
  region text not null,
  resource_id text not null,
  name text not null,
  constraint known_resources_pkey PRIMARY KEY (id),
  constraint known_resources_once UNIQUE (account_id, kind, region, resource_id),
  constraint known_resources_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint known_resources_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint known_resources_kind_check CHECK ((kind = ANY (ARRAY['instance'::text, 'volume'::text, 'database'::text, 'database-cluster'::text, 'redshift-cluster'::text])))
);
CREATE INDEX known_resources_list ON public.known_resources USING btree (owner_id, name, id);

create table log_lines (
  subject_id uuid not null,
  seq bigint generated always as identity not null,
  at timestamp(3) with time zone not null,
  level text not null,
  text text not null,
  constraint log_lines_pkey PRIMARY KEY (subject_id, seq),
  constraint log_lines_level_check CHECK ((level = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text])))
);

create table policies (
  id uuid not null,
  owner_id uuid not null,
  account_id uuid not null,
  name text not null,
  description text not null,
  enabled boolean not null,
  generations integer not null,
  auto_target_removal text not null,
  created_at timestamp(3) with time zone not null,
  revision integer not null,
  removed_at timestamp(3) with time zone,
  success_rule text default 'no-issues'::text not null,
  retries integer default 3 not null,
  retry_wait_minutes integer default 10 not null,
  script_runner text default 'none'::text not null,
  script_timeout_seconds integer default 30 not null,
  collect_script_output boolean default false not null,
  ssm_commands jsonb,
  copy_source_tags boolean default false not null,
  constraint policies_pkey PRIMARY KEY (id),
  constraint policies_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint policies_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint policies_auto_target_removal_check CHECK ((auto_target_removal = ANY (ARRAY['no'::text, 'yes'::text, 'yes-and-alert'::text]))),
  constraint policies_check CHECK (((script_runner <> 'ssm'::text) OR (ssm_commands IS NOT NULL))),
  constraint policies_generations_check CHECK ((generations >= 1)),
  constraint policies_retries_check CHECK ((retries >= 0)),
  constraint policies_retry_wait_minutes_check CHECK ((retry_wait_minutes >= 1)),
  constraint policies_script_runner_check CHECK ((script_runner = ANY (ARRAY['none'::text, 'server'::text, 'ssm'::text]))),
  constraint policies_script_timeout_seconds_check CHECK ((script_timeout_seconds >= 1)),
  constraint policies_success_rule_check CHECK ((success_rule = ANY (ARRAY['no-issues'::text, 'snapshots-succeed'::text])))
);
CREATE INDEX policies_account ON public.policies USING btree (account_id);
CREATE UNIQUE INDEX policies_name ON public.policies USING btree (owner_id, name) WHERE (removed_at IS NULL);

create table policy_schedules (
  policy_id uuid not null,
  schedule_id uuid not null,
  constraint policy_schedules_pkey PRIMARY KEY (policy_id, schedule_id),
  constraint policy_schedules_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies(id) ON DELETE CASCADE,
  constraint policy_schedules_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedules(id)
);
CREATE INDEX policy_schedules_schedule ON public.policy_schedules USING btree (schedule_id);

create table policy_targets (
  id uuid not null,
  owner_id uuid not null,
  policy_id uuid not null,
  kind text not null,
  region text not null,
  resource_id text not null,
  resource_name text not null,
  take text,
  volume_ids text[] not null,
  added_at timestamp(3) with time zone not null,
  constraint policy_targets_pkey PRIMARY KEY (id),
  constraint policy_targets_resource_once UNIQUE (policy_id, kind, region, resource_id),
  constraint policy_targets_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint policy_targets_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies(id) ON DELETE CASCADE,
  constraint policy_targets_check CHECK (((kind = 'instance'::text) = (take IS NOT NULL))),
  constraint policy_targets_kind_check CHECK ((kind = ANY (ARRAY['instance'::text, 'volume'::text, 'database'::text, 'database-cluster'::text, 'redshift-cluster'::text]))),
  constraint policy_targets_take_check CHECK ((take = ANY (ARRAY['all'::text, 'some'::text, 'none'::text])))
);
CREATE INDEX policy_targets_resource ON public.policy_targets USING btree (owner_id, resource_id);

create table reconciliation_findings (
  id uuid not null,
  owner_id uuid not null,
  account_id uuid not null,
  region text not null,
  service text not null,
  aws_snapshot_id text not null,
  kind text not null,
  message text not null,
  backup_id uuid,
  first_seen_at timestamp(3) with time zone not null,
  confirmed_at timestamp(3) with time zone,
  resolved_at timestamp(3) with time zone,
  constraint reconciliation_findings_pkey PRIMARY KEY (id),
  constraint reconciliation_findings_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint reconciliation_findings_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id) ON DELETE SET NULL,
  constraint reconciliation_findings_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint reconciliation_findings_kind_check CHECK ((kind = ANY (ARRAY['adopted'::text, 'leftover'::text, 'unknown'::text, 'vanished'::text]))),
  constraint reconciliation_findings_service_check CHECK ((service = ANY (ARRAY['ebs'::text, 'rds'::text, 'rds-cluster'::text, 'redshift'::text])))
);
CREATE UNIQUE INDEX reconciliation_findings_open ON public.reconciliation_findings USING btree (account_id, region, service, aws_snapshot_id, kind) WHERE (resolved_at IS NULL);
CREATE INDEX reconciliation_findings_owner ON public.reconciliation_findings USING btree (owner_id, first_seen_at DESC, id);

create table reconciliations (
  account_id uuid not null,
  region text not null,
  owner_id uuid not null,
  started_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  error text,
  snapshots_seen integer not null,
  constraint reconciliations_pkey PRIMARY KEY (account_id, region),
  constraint reconciliations_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint reconciliations_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id)
);

create table recoveries (
  id uuid not null,
  owner_id uuid not null,
  backup_id uuid not null,
  policy_id uuid,
  policy_name text not null,
  account_id uuid not null,
  account_name text not null,
  kind text not null,
  region text not null,
  source_name text not null,
  inputs jsonb not null,
  sealed_plan bytea not null,
  warnings text[] not null,
  status text,
  step text not null,
  progress_percent smallint not null,
  reasons text[] not null,
  started_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  steps text[] default '{}'::text[] not null,
  step_number smallint default 0 not null,
  planned jsonb default '[]'::jsonb not null,
  uses_own_credentials boolean default false not null,
  group_id uuid,
  settled text,
  settled_reasons text[] default '{}'::text[] not null,
  constraint recoveries_pkey PRIMARY KEY (id),
  constraint recoveries_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint recoveries_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id),
  constraint recoveries_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint recoveries_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies(id) ON DELETE SET NULL,
  constraint recoveries_check CHECK (((status IS NULL) = (ended_at IS NULL))),
  constraint recoveries_kind_check CHECK ((kind = ANY (ARRAY['volumes'::text, 'instance'::text, 'database'::text, 'database-cluster'::text, 'redshift-cluster'::text]))),
  constraint recoveries_settled_check CHECK ((settled = ANY (ARRAY['kept'::text, 'rolling-back'::text, 'rolled-back'::text, 'roll-back-failed'::text]))),
  constraint recoveries_status_check CHECK ((status = ANY (ARRAY['successful'::text, 'partial'::text, 'failed'::text])))
);
CREATE INDEX recoveries_backup ON public.recoveries USING btree (backup_id);
CREATE INDEX recoveries_group ON public.recoveries USING btree (group_id) WHERE (group_id IS NOT NULL);
CREATE INDEX recoveries_owner ON public.recoveries USING btree (owner_id, started_at DESC, id);
CREATE INDEX recoveries_policy ON public.recoveries USING btree (policy_id, started_at DESC);

create table recovery_objects (
  id uuid not null,
  recovery_id uuid not null,
  "position" integer not null,
  kind text not null,
  region text not null,
  token uuid not null,
  aws_id text,
  state text not null,
  note text not null,
  made_at timestamp(3) with time zone not null,
  role text default 'made'::text not null,
  taken_from jsonb,
  constraint recovery_objects_pkey PRIMARY KEY (id),
  constraint recovery_objects_recovery_id_position_key UNIQUE (recovery_id, "position"),
  constraint recovery_objects_recovery_id_fkey FOREIGN KEY (recovery_id) REFERENCES recoveries(id) ON DELETE CASCADE,
  constraint recovery_objects_kind_check CHECK ((kind = ANY (ARRAY['volume'::text, 'instance'::text, 'image'::text, 'attachment'::text, 'database'::text, 'database-cluster'::text, 'redshift-cluster'::text]))),
  constraint recovery_objects_role_check CHECK ((role = ANY (ARRAY['made'::text, 'replaced'::text]))),
  constraint recovery_objects_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'kept'::text, 'removed'::text, 'failed'::text])))
);

create table schedules (
  id uuid not null,
  owner_id uuid not null,
  name text not null,
  description text not null,
  enabled boolean not null,
  rule jsonb not null,
  never_fires boolean not null,
  next_due_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  constraint schedules_pkey PRIMARY KEY (id),
  constraint schedules_owner_id_name_key UNIQUE (owner_id, name),
  constraint schedules_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id)
);
CREATE INDEX schedules_due ON public.schedules USING btree (next_due_at) WHERE (next_due_at IS NOT NULL);

create table sessions (
  id uuid not null,
  token_hash bytea not null,
  user_id uuid not null,
  created_at timestamp(3) with time zone not null,
  last_seen_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_key UNIQUE (token_hash),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id);

create table settings (
  key text not null,
  value jsonb not null,
  constraint settings_pkey PRIMARY KEY (key)
);

create table skipped_firings (
  policy_id uuid not null,
  due_at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  reason text not null,
  constraint skipped_firings_pkey PRIMARY KEY (policy_id, due_at),
  constraint skipped_firings_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES policies(id) ON DELETE CASCADE
);

create table snapshot_quotas (
  account_id uuid not null,
  region text not null,
  service text not null,
  used integer not null,
  max integer not null,
  of_cpm integer not null,
  is_assumed boolean not null,
  read_at timestamp(3) with time zone not null,
  constraint snapshot_quotas_pkey PRIMARY KEY (account_id, region, service),
  constraint snapshot_quotas_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint snapshot_quotas_service_check CHECK ((service = ANY (ARRAY['rds'::text, 'rds-cluster'::text, 'redshift'::text])))
);

create table snapshots (
  id uuid not null,
  owner_id uuid not null,
  backup_id uuid not null,
  resource_id uuid not null,
  account_id uuid not null,
  region text not null,
  source_id text not null,
  device text,
  is_root boolean not null,
  size_gib integer not null,
  zone text not null,
  volume_type text not null,
  iops integer,
  throughput_mibs integer,
  encrypted boolean not null,
  volume_tags jsonb not null,
  attempt_id uuid not null,
  own_call boolean not null,
  aws_snapshot_id text,
  state text not null,
  progress_percent smallint not null,
  message text,
  started_at timestamp(3) with time zone,
  completed_at timestamp(3) with time zone,
  absent_since timestamp(3) with time zone,
  next_deletion_at timestamp(3) with time zone,
  service text default 'ebs'::text not null,
  constraint snapshots_pkey PRIMARY KEY (id),
  constraint snapshots_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint snapshots_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backups(id) ON DELETE CASCADE,
  constraint snapshots_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint snapshots_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES backup_resources(id) ON DELETE CASCADE,
  constraint snapshots_check CHECK (((state <> ALL (ARRAY['pending'::text, 'completed'::text])) OR (aws_snapshot_id IS NOT NULL))),
  constraint snapshots_service_check CHECK ((service = ANY (ARRAY['ebs'::text, 'rds'::text, 'rds-cluster'::text, 'redshift'::text]))),
  constraint snapshots_state_check CHECK ((state = ANY (ARRAY['intended'::text, 'pending'::text, 'completed'::text, 'error'::text, 'missing'::text, 'deleted'::text])))
);
CREATE UNIQUE INDEX snapshots_aws ON public.snapshots USING btree (account_id, region, service, aws_snapshot_id) WHERE (aws_snapshot_id IS NOT NULL);
CREATE INDEX snapshots_backup ON public.snapshots USING btree (backup_id);
CREATE INDEX snapshots_pending ON public.snapshots USING btree (account_id, region) WHERE (state = 'pending'::text);
CREATE INDEX snapshots_resource ON public.snapshots USING btree (resource_id);

create table steps (
  job_id uuid not null,
  name text not null,
  started_at timestamp(3) with time zone not null,
  finished_at timestamp(3) with time zone,
  tries integer default 1 not null,
  result json,
  constraint steps_pkey PRIMARY KEY (job_id, name),
  constraint steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
);

create table users (
  id uuid not null,
  name text not null,
  email text not null,
  kind text not null,
  password_hash text not null,
  created_at timestamp(3) with time zone not null,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_kind_check CHECK ((kind = ANY (ARRAY['root'::text, 'independent'::text, 'managed'::text])))
);
CREATE UNIQUE INDEX users_name ON public.users USING btree (lower(name));
CREATE UNIQUE INDEX users_one_root ON public.users USING btree (kind) WHERE (kind = 'root'::text);

create table workers (
  id uuid not null,
  host text not null,
  pid integer not null,
  beat bigint default 0 not null,
  constraint workers_pkey PRIMARY KEY (id)
);
