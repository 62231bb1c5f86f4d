import type {
  AccountId,
  AttemptId,
  BackupId,
  BackupPhase,
  BackupStatus,
  Instant,
  InstanceConfiguration,
  PolicyId,
  RecoveryId,
  ScheduleId,
  SessionId,
  SnapshotId,
  SnapshotState,
  TargetId,
  TokenId,
  UserId,
} from '@cpm/core';
import type { ColumnType } from 'kysely';
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
  created_at: At;
  revision: number;
  removed_at: MaybeAt;
};

type PolicyTargetsTable = {
  id: TargetId;
  owner_id: UserId;
  policy_id: PolicyId;
  kind: 'instance' | 'volume';
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
  trigger: 'schedule' | 'manual';
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
};

/** What POL-8 asks for; user data stands sealed in a column of its own. */
export type StoredConfiguration = Omit<InstanceConfiguration, 'userDataBase64'>;

type BackupResourcesTable = {
  id: string;
  owner_id: UserId;
  backup_id: BackupId;
  kind: 'instance' | 'volume';
  region: string;
  resource_id: string;
  resource_name: string;
  state: 'planned' | 'configuration-only' | 'refused' | 'missing' | 'removed';
  message: string | null;
  /** The policy's target it stood for; null once that is gone. */
  target_id: TargetId | null;
  configuration: MaybeJson<StoredConfiguration>;
  sealed_user_data: Buffer | null;
};

type SnapshotsTable = {
  id: SnapshotId;
  owner_id: UserId;
  backup_id: BackupId;
  resource_id: string;
  account_id: AccountId;
  region: string;
  volume_id: string;
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

type RecoveriesTable = {
  id: RecoveryId;
  owner_id: UserId;
  backup_id: BackupId;
  policy_id: PolicyId | null;
  policy_name: string;
  account_id: AccountId;
  account_name: string;
  kind: 'volumes' | 'instance';
  region: string;
  source_name: string;
  inputs: Json<Record<string, unknown>>;
  sealed_plan: Buffer;
  warnings: string[];
  status: BackupStatus | null;
  step: string;
  progress_percent: number;
  reasons: string[];
  started_at: At;
  ended_at: MaybeAt;
};

type RecoveryObjectsTable = {
  id: string;
  recovery_id: RecoveryId;
  position: number;
  kind: 'volume' | 'instance' | 'image' | 'attachment';
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
  snapshots: SnapshotsTable;
  abandoned_attempts: AbandonedAttemptsTable;
  instance_attributes: InstanceAttributesTable;
  log_lines: LogLinesTable;
  recoveries: RecoveriesTable;
  recovery_objects: RecoveryObjectsTable;
}
