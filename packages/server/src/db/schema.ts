import type {
  AccountId,
  AlertCategory,
  AlertId,
  AlertSeverity,
  AttemptId,
  BackupId,
  BackupPhase,
  BackupStatus,
  BackupTrigger,
  DatabaseConfiguration,
  DatabaseService,
  DeletionObstacle,
  Instant,
  InstanceConfiguration,
  PlannedObject,
  PolicyId,
  PolicyScripts,
  RecoveryId,
  RecoveryKind,
  RecoveryObjectKind,
  ScheduleId,
  ScriptRunner,
  ScriptStep,
  SessionId,
  SnapshotId,
  SnapshotService,
  SnapshotState,
  SuccessRule,
  TargetId,
  TargetKind,
  TokenId,
  UserId,
} from '@cpm/core';
import type { ColumnType, Generated } from 'kysely';
import type { EngineTables } from '../engine/engine-tables.ts';
import type { NullableTimestampColumn, TimestampColumn } from './values.ts';

type At = TimestampColumn<Instant>;
type MaybeAt = NullableTimestampColumn<Instant>;
/** jsonb: read as parsed, written as JSON text. */
export type Json<T> = ColumnType<T, string, string>;
export type MaybeJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

type SettingsTable = { key: string; value: Json<unknown> };

type UsersTable = {
  id: UserId;
  name: string;
  email: string;
  kind: 'root' | 'independent' | 'managed';
  password_hash: string;
  created_at: At;
};

type SessionsTable = {
  id: SessionId;
  token_hash: Buffer;
  user_id: UserId;
  created_at: At;
  last_seen_at: At;
  expires_at: At;
};

type ApiTokensTable = {
  id: TokenId;
  owner_id: UserId;
  name: string;
  prefix: string;
  token_hash: Buffer;
  created_at: At;
  expires_at: MaybeAt;
  last_used_at: MaybeAt;
};

type IdempotencyKeysTable = {
  owner_id: UserId;
  key: string;
  request_hash: Buffer;
  status: number | null;
  reply: MaybeJson<unknown>;
  created_at: At;
};

type AccountsTable = {
  id: AccountId;
  owner_id: UserId;
  name: string;
  kind: 'backup' | 'dr';
  access_key_id: string;
  /** Sealed by `accounts/secret-box.ts`. */
  secret_key: Buffer;
  aws_account_number: string;
  arn: string;
  scan_resources: boolean;
  may_delete_snapshots: boolean;
  created_at: At;
  verified_at: At;
};

type SchedulesTable = {
  id: ScheduleId;
  owner_id: UserId;
  name: string;
  description: string;
  enabled: boolean;
  rule: Json<unknown>;
  never_fires: boolean;
  next_due_at: MaybeAt;
  created_at: At;
};

type PoliciesTable = {
  id: PolicyId;
  owner_id: UserId;
  account_id: AccountId;
  name: string;
  description: string;
  enabled: boolean;
  generations: number;
  auto_target_removal: 'no' | 'yes' | 'yes-and-alert';
  success_rule: SuccessRule;
  retries: number;
  retry_wait_minutes: number;
  script_runner: ScriptRunner;
  script_timeout_seconds: number;
  collect_script_output: boolean;
  ssm_commands: MaybeJson<NonNullable<PolicyScripts['ssm']>>;
  copy_source_tags: boolean;
  created_at: At;
  revision: number;
  removed_at: MaybeAt;
};

type PolicyTargetsTable = {
  id: TargetId;
  owner_id: UserId;
  policy_id: PolicyId;
  kind: TargetKind;
  region: string;
  resource_id: string;
  resource_name: string;
  take: 'all' | 'some' | 'none' | null;
  volume_ids: string[];
  added_at: At;
};

type PolicySchedulesTable = { policy_id: PolicyId; schedule_id: ScheduleId };

type SkippedFiringsTable = { policy_id: PolicyId; due_at: At; recorded_at: At; reason: string };

type BackupsTable = {
  id: BackupId;
  owner_id: UserId;
  policy_id: PolicyId | null;
  policy_name: string;
  account_id: AccountId;
  account_name: string;
  trigger: BackupTrigger;
  due_at: MaybeAt;
  started_at: At;
  ended_at: MaybeAt;
  phase: BackupPhase;
  status: BackupStatus | null;
  reasons: string[];
  is_generation: boolean;
  recoverable: boolean;
  progress_percent: number;
  start_skew_ms: number | null;
  snapshot_count: number;
  size_gib: number;
  deletion_marked_at: MaybeAt;
  deletion_reason: string | null;
  deleted_at: MaybeAt;
  retry_of: BackupId | null;
  retry_number: ColumnType<number, number | undefined, number>;
  retry_at: MaybeAt;
  abort_requested_at: MaybeAt;
  abort_requested_by: string | null;
  freeze_window_ms: number | null;
  frozen_at: MaybeAt;
  frozen_name: string | null;
  frozen_description: ColumnType<string, string | undefined, string>;
  frozen_by: string | null;
  deletion_by: string | null;
};

type ConfigurationsTable = {
  id: string;
  owner_id: UserId;
  hash: Buffer;
  /** Of an instance or of a database, without when it was recorded. */
  content: Json<Omit<StoredConfiguration, 'recordedAt'> | DatabaseConfiguration>;
};

type BackupScriptsTable = {
  id: string;
  owner_id: UserId;
  backup_id: BackupId;
  step: ScriptStep;
  runner: Exclude<ScriptRunner, 'none'>;
  argument: string;
  state: 'started' | 'succeeded' | 'failed';
  reason: string | null;
  exit_code: number | null;
  output: string | null;
  pid: number | null;
  pid_started: string | null;
  command_id: string | null;
  started_at: At;
  ended_at: MaybeAt;
};

type DeletionsTable = {
  id: string;
  owner_id: UserId;
  account_id: AccountId;
  account_name: string;
  policy_name: string;
  backup_id: BackupId;
  region: string;
  service: SnapshotService;
  aws_snapshot_id: string;
  source_id: string;
  reason: string;
  marked_at: At;
  state: 'waiting' | 'deleted' | 'gone' | 'kept';
  message: string | null;
  obstacle: DeletionObstacle | null;
  tried_at: MaybeAt;
  ended_at: MaybeAt;
};

type AlertsTable = {
  id: AlertId;
  owner_id: UserId;
  policy_id: PolicyId | null;
  account_id: AccountId | null;
  category: AlertCategory;
  subject: string;
  severity: AlertSeverity;
  title: string;
  message: string;
  backup_id: BackupId | null;
  opened_at: At;
  closed_at: MaybeAt;
};

type ReconciliationsTable = {
  account_id: AccountId;
  region: string;
  owner_id: UserId;
  started_at: At;
  ended_at: MaybeAt;
  error: string | null;
  snapshots_seen: number;
};

type ReconciliationFindingsTable = {
  id: string;
  owner_id: UserId;
  account_id: AccountId;
  region: string;
  service: SnapshotService;
  aws_snapshot_id: string;
  kind: 'adopted' | 'leftover' | 'unknown' | 'vanished';
  message: string;
  backup_id: BackupId | null;
  first_seen_at: At;
  confirmed_at: MaybeAt;
  resolved_at: MaybeAt;
};

/** What POL-8 asks for; user data stands sealed in a column of its own. */
export type StoredConfiguration = Omit<InstanceConfiguration, 'userDataBase64'>;

type BackupResourcesTable = {
  id: string;
  owner_id: UserId;
  backup_id: BackupId;
  kind: TargetKind;
  region: string;
  resource_id: string;
  resource_name: string;
  state: 'planned' | 'configuration-only' | 'refused' | 'missing' | 'removed';
  message: string | null;
  /** The policy's target it stood for; null once that is gone. */
  target_id: TargetId | null;
  configuration_id: string | null;
  recorded_at: MaybeAt;
  sealed_user_data: Buffer | null;
  /** The known resource that it brings back, and the moment; null where it cannot be brought back from this backup. */
  point_of: ColumnType<string | null, never, string | null>;
  point_at: ColumnType<Instant | null, never, string | null>;
};

type KnownResourcesTable = {
  id: Generated<string>;
  owner_id: UserId;
  account_id: AccountId;
  kind: TargetKind;
  region: string;
  resource_id: string;
  /** Its name tag when it was backed up last, or AWS's id. */
  name: string;
};

type SnapshotsTable = {
  id: SnapshotId;
  owner_id: UserId;
  backup_id: BackupId;
  resource_id: string;
  account_id: AccountId;
  region: string;
  service: ColumnType<SnapshotService, SnapshotService | undefined, SnapshotService>;
  /** The volume's id, or the identifier of a database or cluster. */
  source_id: string;
  device: string | null;
  is_root: boolean;
  size_gib: number;
  zone: string;
  volume_type: string;
  iops: number | null;
  throughput_mibs: number | null;
  encrypted: boolean;
  volume_tags: Json<{ key: string; value: string }[]>;
  attempt_id: AttemptId;
  own_call: boolean;
  aws_snapshot_id: string | null;
  state: SnapshotState;
  progress_percent: number;
  message: string | null;
  started_at: MaybeAt;
  completed_at: MaybeAt;
  absent_since: MaybeAt;
  next_deletion_at: MaybeAt;
};

type AbandonedAttemptsTable = {
  attempt_id: AttemptId;
  owner_id: UserId;
  account_id: AccountId;
  backup_id: BackupId | null;
  region: string;
  abandoned_at: At;
  settled_at: MaybeAt;
  service: ColumnType<SnapshotService, SnapshotService | undefined, SnapshotService>;
  snapshot_name: string | null;
};

type SnapshotQuotasTable = {
  account_id: AccountId;
  region: string;
  service: DatabaseService;
  used: number;
  max: number;
  of_cpm: number;
  is_assumed: boolean;
  read_at: At;
};

type InstanceAttributesTable = {
  account_id: AccountId;
  region: string;
  instance_id: string;
  fingerprint: string;
  sealed_attributes: Buffer;
  read_at: At;
};

export type LogLevel = 'info' | 'warning' | 'error';
type LogLinesTable = {
  subject_id: string;
  seq: ColumnType<number, never, never>;
  at: At;
  level: LogLevel;
  text: string;
};

type Settled = 'kept' | 'rolling-back' | 'rolled-back' | 'roll-back-failed';

type RecoveriesTable = {
  id: RecoveryId;
  owner_id: UserId;
  backup_id: BackupId;
  policy_id: PolicyId | null;
  policy_name: string;
  account_id: AccountId;
  account_name: string;
  kind: RecoveryKind;
  region: string;
  source_name: string;
  inputs: Json<Record<string, unknown>>;
  sealed_plan: Buffer;
  warnings: string[];
  status: BackupStatus | null;
  step: string;
  progress_percent: number;
  steps: string[];
  step_number: Generated<number>;
  planned: Json<PlannedObject[]>;
  uses_own_credentials: boolean;
  group_id: string | null;
  settled: ColumnType<Settled | null, never, Settled | null>;
  settled_reasons: ColumnType<string[], never, string[]>;
  reasons: string[];
  started_at: At;
  ended_at: MaybeAt;
};

/** The device at which a volume was before a recovery took it off. */
export type TakenFrom = {
  readonly instanceId: string;
  readonly deviceName: string;
  readonly deleteOnTermination: boolean;
};

type RecoveryObjectsTable = {
  id: string;
  recovery_id: RecoveryId;
  position: number;
  kind: RecoveryObjectKind;
  role: 'made' | 'replaced';
  taken_from: ColumnType<TakenFrom | null, string | undefined, string | null>;
  region: string;
  token: string;
  aws_id: string | null;
  state: 'creating' | 'kept' | 'removed' | 'failed';
  note: string;
  made_at: At;
};

/** Every table of CPM's database as Kysely reads it: one property per table. */
export interface Database extends EngineTables {
  settings: SettingsTable;
  users: UsersTable;
  sessions: SessionsTable;
  api_tokens: ApiTokensTable;
  idempotency_keys: IdempotencyKeysTable;
  accounts: AccountsTable;
  schedules: SchedulesTable;
  policies: PoliciesTable;
  policy_targets: PolicyTargetsTable;
  policy_schedules: PolicySchedulesTable;
  skipped_firings: SkippedFiringsTable;
  backups: BackupsTable;
  backup_resources: BackupResourcesTable;
  known_resources: KnownResourcesTable;
  configurations: ConfigurationsTable;
  backup_scripts: BackupScriptsTable;
  deletions: DeletionsTable;
  alerts: AlertsTable;
  reconciliations: ReconciliationsTable;
  reconciliation_findings: ReconciliationFindingsTable;
  snapshots: SnapshotsTable;
  abandoned_attempts: AbandonedAttemptsTable;
  instance_attributes: InstanceAttributesTable;
  snapshot_quotas: SnapshotQuotasTable;
  log_lines: LogLinesTable;
  recoveries: RecoveriesTable;
  recovery_objects: RecoveryObjectsTable;
}
