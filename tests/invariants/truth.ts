import { sql, type Kysely } from 'kysely';
import type { Database } from '../../packages/server/src/db/schema.ts';
import type { SimulatedAws, Thing } from '../flows/support/simulated-aws.ts';

/** A thing in AWS with what only the comparison needs of it. */
export type Seen = Thing & {
  readonly madeBy: { readonly action: string; readonly accessKey: string; readonly requestId?: string };
  readonly deletedBy?: { readonly action: string; readonly accessKey: string };
  readonly completesAt?: string;
  /** Of an instance. */
  readonly interfaceIds?: readonly string[];
};

export type SnapshotRecord = Awaited<ReturnType<typeof readSnapshots>>[number];
export type BackupRecord = Awaited<ReturnType<typeof readBackups>>[number];
export type ResourceRecord = Awaited<ReturnType<typeof readResources>>[number];
export type PolicyRecord = Awaited<ReturnType<typeof readPolicies>>[number];

/** Both sides of the comparison: what exists and existed in AWS, and what CPM has on record. */
export type Truth = {
  readonly installation: string;
  /** Everything that was ever there. */
  readonly everything: readonly Seen[];
  /** What is there now and bears the tag of this installation. */
  readonly ours: readonly Seen[];
  readonly records: readonly SnapshotRecord[];
  readonly backups: readonly BackupRecord[];
  readonly resources: readonly ResourceRecord[];
  readonly policies: readonly PolicyRecord[];
  readonly scripts: Awaited<ReturnType<typeof readScripts>>;
  readonly alerts: Awaited<ReturnType<typeof readAlerts>>;
  readonly skipped: Awaited<ReturnType<typeof readSkipped>>;
  readonly recoveries: Awaited<ReturnType<typeof readRecoveries>>;
  readonly objects: Awaited<ReturnType<typeof readObjects>>;
  readonly abandoned: readonly string[];
  readonly failedJobs: Awaited<ReturnType<typeof readFailedJobs>>;
  /** The access keys with which CPM works. */
  readonly keys: ReadonlySet<string>;
};

/** How AWS calls the copies that CPM makes, by the services of its records. */
export const SERVICE_OF: Readonly<Record<string, string>> = {
  snapshot: 'ebs',
  'db-snapshot': 'rds',
  'db-cluster-snapshot': 'rds-cluster',
  'redshift-snapshot': 'redshift',
};

export const isSnapshot = ({ type }: Seen): boolean => SERVICE_OF[type] !== undefined;

/** Reads both sides. Nothing may be under way: what changes between two reads would look like a violation. */
export async function readTruth(db: Kysely<Database>, aws: Pick<SimulatedAws, 'things'>): Promise<Truth> {
  const everything = (await aws.things({}, 'all')) as Seen[];
  const installation = await installationOf(db);
  const accounts = await db.selectFrom('accounts').select('access_key_id as key').execute();
  return {
    installation,
    everything,
    ours: everything.filter(
      ({ deletedAt, tags }) => deletedAt === undefined && tags['cpm:installation'] === installation,
    ),
    records: await readSnapshots(db),
    backups: await readBackups(db),
    resources: await readResources(db),
    policies: await readPolicies(db),
    scripts: await readScripts(db),
    alerts: await readAlerts(db),
    skipped: await readSkipped(db),
    recoveries: await readRecoveries(db),
    objects: await readObjects(db),
    abandoned: (await db.selectFrom('abandoned_attempts').select('attempt_id as id').execute()).map(({ id }) => id),
    failedJobs: await readFailedJobs(db),
    keys: new Set(accounts.map(({ key }) => key)),
  };
}

async function installationOf(db: Kysely<Database>): Promise<string> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', 'installation_id')
    .executeTakeFirstOrThrow();
  return String(row.value);
}

const readSnapshots = (db: Kysely<Database>) =>
  db
    .selectFrom('snapshots')
    .select([
      'aws_snapshot_id as awsSnapshotId',
      'region',
      'service',
      'state',
      'source_id as sourceId',
      'message',
      'started_at as startedAt',
    ])
    .select(['backup_id as backupId', 'attempt_id as attemptId', 'resource_id as resourceId'])
    .execute();
const readBackups = (db: Kysely<Database>) => db.selectFrom('backups').selectAll().orderBy('started_at').execute();
const readResources = (db: Kysely<Database>) =>
  db
    .selectFrom('backup_resources')
    .select(['id', 'backup_id as backupId', 'kind', 'region', 'resource_id as resourceId', 'state', 'message'])
    .select(['point_of as pointOf', 'point_at as pointAt'])
    .select(sql<boolean>`configuration_id is not null`.as('isRecorded'))
    .execute();
const readPolicies = (db: Kysely<Database>) => db.selectFrom('policies').selectAll().execute();
const readScripts = (db: Kysely<Database>) =>
  db.selectFrom('backup_scripts').selectAll().orderBy('started_at').execute();
const readAlerts = (db: Kysely<Database>) => db.selectFrom('alerts').selectAll().orderBy('opened_at').execute();
const readSkipped = (db: Kysely<Database>) =>
  db.selectFrom('skipped_firings').select(['policy_id as policyId', 'due_at as dueAt', 'reason']).execute();
const readRecoveries = (db: Kysely<Database>) =>
  db
    .selectFrom('recoveries')
    .select(['id', 'kind', 'inputs', 'status', 'ended_at as endedAt', 'settled', 'backup_id as backupId'])
    .execute();
const readObjects = (db: Kysely<Database>) =>
  db.selectFrom('recovery_objects').select(['recovery_id as recoveryId', 'aws_id as awsId', 'state', 'role']).execute();
const readFailedJobs = (db: Kysely<Database>) =>
  db.selectFrom('jobs').select(['id', 'kind', 'last_error as reason']).where('state', '=', 'failed').execute();
