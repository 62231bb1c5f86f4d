import { randomUUID } from 'node:crypto';
import type { Snapshot as AwsSnapshot, Tags } from '@cpm/aws/port';
import {
  parseSnapshotId,
  type AccountId,
  type AttemptId,
  type BackupId,
  type DatabaseConfiguration,
  type Instant,
  type SnapshotId,
  type SnapshotService,
  type SnapshotState,
  type Tag,
  type TargetId,
  type TargetKind,
  type UserId,
} from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database, StoredConfiguration } from '../db/schema.ts';
import { saveContents, type Content } from './configurations.store.ts';
import { noteResources } from './known-resources.store.ts';

export type SnapshotRow = {
  readonly id: SnapshotId;
  readonly backupId: BackupId;
  readonly resourceId: string;
  readonly accountId: AccountId;
  readonly region: string;
  readonly service: SnapshotService;
  /** The volume's id, or the identifier of a database or cluster. */
  readonly sourceId: string;
  readonly device: string | null;
  readonly isRoot: boolean;
  readonly sizeGiB: number;
  /** Where the volume was; empty until it has been read. */
  readonly zone: string;
  readonly volumeType: string;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly encrypted: boolean;
  readonly volumeTags: { key: string; value: string }[];
  readonly attemptId: AttemptId;
  /** A CreateSnapshot of its own takes it, instead of its instance's CreateSnapshots. */
  readonly ownCall: boolean;
  readonly awsSnapshotId: string | null;
  readonly state: SnapshotState;
  readonly progressPercent: number;
  readonly message: string | null;
  readonly startedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly absentSince: Instant | null;
};

export const snapshotColumns = [
  'snapshots.id',
  'snapshots.backup_id as backupId',
  'snapshots.resource_id as resourceId',
  'snapshots.account_id as accountId',
  'snapshots.region',
  'snapshots.service',
  'snapshots.source_id as sourceId',
  'snapshots.device',
  'snapshots.is_root as isRoot',
  'snapshots.size_gib as sizeGiB',
  'snapshots.zone',
  'snapshots.volume_type as volumeType',
  'snapshots.iops',
  'snapshots.throughput_mibs as throughputMiBs',
  'snapshots.encrypted',
  'snapshots.volume_tags as volumeTags',
  'snapshots.attempt_id as attemptId',
  'snapshots.own_call as ownCall',
  'snapshots.aws_snapshot_id as awsSnapshotId',
  'snapshots.state',
  'snapshots.progress_percent as progressPercent',
  'snapshots.message',
  'snapshots.started_at as startedAt',
  'snapshots.completed_at as completedAt',
  'snapshots.absent_since as absentSince',
] as const;

/** A resource of a backup: what a target named, found or not. */
export type ResourceRow = {
  readonly id: string;
  readonly backupId: BackupId;
  readonly kind: TargetKind;
  readonly region: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly state: 'planned' | 'configuration-only' | 'refused' | 'missing' | 'removed';
  readonly message: string | null;
  readonly targetId: TargetId | null;
  readonly configuration: StoredConfiguration | null;
  readonly databaseConfiguration: DatabaseConfiguration | null;
  readonly sealedUserData: Buffer | null;
};

/** A resource as a plan makes it. */
export type NewResource = Omit<ResourceRow, 'backupId' | 'sealedUserData'>;

/** A snapshot as a plan makes it: committed before AWS is called. */
export type IntendedSnapshot = Pick<
  SnapshotRow,
  'resourceId' | 'region' | 'service' | 'sourceId' | 'device' | 'isRoot' | 'sizeGiB' | 'attemptId' | 'ownCall'
> & { readonly tags: readonly Tag[] };

type Scope = { readonly ownerId: UserId; readonly backupId: BackupId; readonly accountId: AccountId };

/** Writes what a backup is going to do, before it does it. */
export async function saveBackupPlan(
  tx: Kysely<Database>,
  { ownerId, backupId, accountId }: Scope,
  plan: { readonly resources: readonly NewResource[]; readonly snapshots: readonly IntendedSnapshot[] },
): Promise<void> {
  // One parameter however many rows: a list of values is limited to 65,535 and costs more than the rows themselves.
  const contents = await saveContents(tx, ownerId, plan.resources.flatMap(contentOf));
  const resources = JSON.stringify(
    plan.resources.map(({ configuration, databaseConfiguration: _, ...resource }) => ({
      ...resource,
      configurationId: contents.get(resource.id) ?? null,
      recordedAt: isoOf(configuration?.recordedAt),
    })),
  );
  if (plan.resources.length > 0)
    await sql`insert into backup_resources (owner_id, backup_id, id, kind, region, resource_id, resource_name, state, message,
        target_id, configuration_id, recorded_at)
      select ${ownerId}::uuid, ${backupId}::uuid, * from jsonb_to_recordset(${resources}::jsonb) as new(id uuid, kind text,
        region text, "resourceId" text, "resourceName" text, state text, message text, "targetId" uuid,
        "configurationId" uuid, "recordedAt" timestamptz)`.execute(tx);
  await noteResources(tx, { ownerId, accountId }, plan.resources);
  const snapshots = JSON.stringify(plan.snapshots.map((each) => ({ id: parseSnapshotId(randomUUID()), ...each })));
  if (plan.snapshots.length > 0)
    await sql`insert into snapshots (owner_id, backup_id, account_id, id, resource_id, region, service, source_id, device,
        is_root, size_gib, volume_tags, attempt_id, own_call, zone, volume_type, encrypted, state, progress_percent)
      select ${ownerId}::uuid, ${backupId}::uuid, ${accountId}::uuid, new.*, '', '', false, 'intended', 0
      from jsonb_to_recordset(${snapshots}::jsonb) as new(id uuid, "resourceId" uuid, region text, service text,
        "sourceId" text, device text, "isRoot" boolean, "sizeGiB" integer, tags jsonb, "attemptId" uuid,
        "ownCall" boolean)`.execute(tx);
}

const isoOf = (at: Instant | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

/** What is stored of what a resource was; nothing where nothing is known. */
function contentOf({ id, configuration, databaseConfiguration }: NewResource): Content[] {
  if (configuration !== null) return [{ key: id, content: withoutTime(configuration) }];
  return databaseConfiguration === null ? [] : [{ key: id, content: databaseConfiguration }];
}

/** Equal ones shall be stored once, whenever they were recorded. */
function withoutTime({
  recordedAt: _,
  ...configuration
}: StoredConfiguration): Omit<StoredConfiguration, 'recordedAt'> {
  return configuration;
}

/** The snapshots of a backup. */
export async function findSnapshots(db: Kysely<Database>, backupId: BackupId): Promise<SnapshotRow[]> {
  return db
    .selectFrom('snapshots')
    .select(snapshotColumns)
    .where('backup_id', '=', backupId)
    .orderBy('region')
    .orderBy('resource_id')
    .orderBy('is_root', 'desc')
    .orderBy('device')
    .orderBy('source_id')
    .execute();
}

/** What a backup's progress is reckoned from. */
export type SnapshotProgress = Pick<SnapshotRow, 'state' | 'sizeGiB' | 'progressPercent' | 'startedAt'>;

/** How far the snapshots of a backup are, in no order. */
export async function findProgress(db: Kysely<Database>, backupId: BackupId): Promise<SnapshotProgress[]> {
  return db
    .selectFrom('snapshots')
    .select(['state', 'size_gib as sizeGiB', 'progress_percent as progressPercent', 'started_at as startedAt'])
    .where('backup_id', '=', backupId)
    .execute();
}

/** The snapshots of a backup in a region, of volumes or of databases, that have no answer of AWS yet. */
export async function findIntended(
  db: Kysely<Database>,
  backupId: BackupId,
  { region, of }: { readonly region: string; readonly of: 'volumes' | 'databases' },
): Promise<SnapshotRow[]> {
  return db
    .selectFrom('snapshots')
    .select(snapshotColumns)
    .where('backup_id', '=', backupId)
    .where('region', '=', region)
    .where('state', '=', 'intended')
    .where('service', of === 'volumes' ? '=' : '<>', 'ebs')
    .orderBy('attempt_id')
    .execute();
}

/** The resources of a backup, with their configuration. */
export async function findResources(db: Kysely<Database>, backupId: BackupId): Promise<ResourceRow[]> {
  const rows = await db
    .selectFrom('backup_resources')
    .leftJoin('configurations', 'configurations.id', 'backup_resources.configuration_id')
    .select([
      'backup_resources.id',
      'backup_id as backupId',
      'kind',
      'region',
      'resource_id as resourceId',
      'resource_name as resourceName',
      'state',
      'message',
      'target_id as targetId',
      'content',
      'recorded_at as recordedAt',
      'sealed_user_data as sealedUserData',
    ])
    .where('backup_id', '=', backupId)
    .orderBy('region')
    .orderBy('resource_name')
    .orderBy('resource_id')
    .execute();
  return rows.map(({ content, recordedAt, ...row }) => ({
    ...row,
    // Only of an instance is it known when it was recorded.
    configuration: content === null || recordedAt === null ? null : ({ ...content, recordedAt } as StoredConfiguration),
    databaseConfiguration: recordedAt === null ? (content as DatabaseConfiguration | null) : null,
  }));
}

/** One snapshot's fresh facts, for `updateSnapshots`. */
export type SnapshotUpdate = {
  readonly id: SnapshotId;
  readonly awsSnapshotId: string | null;
  readonly state: SnapshotState;
  readonly progressPercent: number;
  readonly message: string | null;
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  readonly startedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly absentSince: Instant | null;
};

/** Writes many snapshots' facts in one statement. */
export async function updateSnapshots(tx: Kysely<Database>, updates: readonly SnapshotUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  const iso = (at: Instant | null) => (at === null ? null : new Date(at).toISOString());
  const rows = JSON.stringify(
    updates.map((update) => ({
      ...update,
      startedAt: iso(update.startedAt),
      completedAt: iso(update.completedAt),
      absentSince: iso(update.absentSince),
    })),
  );
  await sql`update snapshots set aws_snapshot_id = fresh."awsSnapshotId", state = fresh.state,
      progress_percent = fresh."progressPercent", message = fresh.message, size_gib = fresh."sizeGiB",
      encrypted = fresh.encrypted, started_at = fresh."startedAt", completed_at = fresh."completedAt",
      absent_since = fresh."absentSince"
    from jsonb_to_recordset(${rows}::jsonb) as fresh(id uuid, "awsSnapshotId" text, state text,
      "progressPercent" smallint, message text, "sizeGiB" integer, encrypted boolean, "startedAt" timestamptz,
      "completedAt" timestamptz, "absentSince" timestamptz)
    where snapshots.id = fresh.id`.execute(tx);
}

/** What AWS says of a snapshot, as our record of it. */
export function factsFromAws(row: SnapshotRow, seen: AwsSnapshot, now: Instant): SnapshotUpdate {
  const state = seen.state === 'completed' ? 'completed' : seen.state === 'error' ? 'error' : 'pending';
  return {
    id: row.id,
    awsSnapshotId: seen.awsSnapshotId,
    state,
    progressPercent: state === 'completed' ? 100 : (seen.progressPercent ?? row.progressPercent),
    message: state === 'error' ? (seen.stateMessage ?? 'AWS gives no reason') : null,
    sizeGiB: seen.sizeGiB,
    encrypted: seen.encrypted,
    startedAt: seen.startedAt ?? row.startedAt ?? now,
    completedAt: state === 'completed' ? (seen.completedAt ?? now) : null,
    absentSince: null,
  };
}

/** The snapshots of an account and region whose end AWS has not told yet. */
export async function findPendingSnapshots(
  db: Kysely<Database>,
  accountId: AccountId,
  region: string,
): Promise<SnapshotRow[]> {
  return db
    .selectFrom('snapshots')
    .select(snapshotColumns)
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('state', '=', 'pending')
    .execute();
}

/** Gives the snapshots of an attempt that came to nothing a fresh attempt. */
export async function replaceAttempt(
  tx: Kysely<Database>,
  backupId: BackupId,
  attempt: { readonly old: AttemptId; readonly fresh: AttemptId },
): Promise<void> {
  await tx
    .updateTable('snapshots')
    .set({ attempt_id: attempt.fresh })
    .where('backup_id', '=', backupId)
    .where('attempt_id', '=', attempt.old)
    .where('state', '=', 'intended')
    .execute();
}

/** Writes what DescribeVolumes tells of the volumes: a recovery makes new ones like them. */
export async function saveVolumeDetails(
  tx: Kysely<Database>,
  backupId: BackupId,
  volumes: readonly {
    readonly volumeId: string;
    readonly zone: string;
    readonly type: string;
    readonly iops: number | null;
    readonly throughputMiBs: number | null;
    readonly tags: Tags;
  }[],
): Promise<void> {
  if (volumes.length === 0) return;
  const rows = JSON.stringify(
    volumes.map(({ tags, ...volume }) => ({
      ...volume,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    })),
  );
  await sql`update snapshots set zone = fresh.zone, volume_type = fresh.type, iops = fresh.iops,
      throughput_mibs = fresh."throughputMiBs", volume_tags = fresh.tags
    from jsonb_to_recordset(${rows}::jsonb) as fresh("volumeId" text, zone text, type text, iops integer,
      "throughputMiBs" integer, tags jsonb)
    where snapshots.backup_id = ${backupId} and snapshots.source_id = fresh."volumeId"`.execute(tx);
}

/** Writes that resources were found gone and taken out of the policy (POL-3). */
export async function markResourcesRemoved(tx: Kysely<Database>, resources: readonly ResourceRow[]): Promise<void> {
  if (resources.length === 0) return;
  const ids = resources.map(({ id }) => id);
  await tx.updateTable('backup_resources').set({ state: 'removed' }).where('id', 'in', ids).execute();
}

export type RecordedConfiguration = {
  readonly resourceId: string;
  readonly configuration: StoredConfiguration;
  readonly sealedUserData: Buffer | null;
};

/** Writes the configurations of resources, with their user data sealed. */
export async function saveConfigurations(
  tx: Kysely<Database>,
  ownerId: UserId,
  recorded: readonly RecordedConfiguration[],
): Promise<void> {
  if (recorded.length === 0) return;
  const contents = recorded.map(({ resourceId: key, configuration }) => ({ key, content: withoutTime(configuration) }));
  const ids = await saveContents(tx, ownerId, contents);
  const rows = JSON.stringify(
    recorded.map(({ resourceId, configuration, sealedUserData }) => ({
      id: resourceId,
      configurationId: ids.get(resourceId),
      recordedAt: isoOf(configuration.recordedAt),
      sealed: sealedUserData?.toString('base64') ?? null,
    })),
  );
  await sql`update backup_resources set configuration_id = fresh."configurationId", recorded_at = fresh."recordedAt",
      sealed_user_data = decode(fresh.sealed, 'base64')
    from jsonb_to_recordset(${rows}::jsonb) as fresh(id uuid, "configurationId" uuid, "recordedAt" timestamptz, sealed text)
    where backup_resources.id = fresh.id`.execute(tx);
}
