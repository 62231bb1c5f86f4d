import type { Kysely } from 'kysely';
import type { Database } from '../../../packages/server/src/db/schema.ts';
import type { SimulatedAws, Thing } from '../../flows/support/simulated-aws.ts';

type Seen = { readonly db: Kysely<Database>; readonly aws: Omit<SimulatedAws, 'stop'> };
type SnapshotRecord = Awaited<ReturnType<typeof readSnapshots>>[number];
type BackupRecord = Awaited<ReturnType<typeof readBackups>>[number];
type Truth = {
  readonly ours: readonly Thing[];
  readonly records: readonly SnapshotRecord[];
  readonly backups: readonly BackupRecord[];
};

/**
 * Compares what exists in the simulated AWS with what CPM has on record, once everything has settled: one sentence for each
 * violation of the invariants I1, I2, I3, I8 and I11, none where both agree.
 */
export async function checkInvariants({ db, aws }: Seen): Promise<string[]> {
  const installation = await installationOf(db);
  const things = (await aws.things()).filter(({ tags }) => tags['cpm:installation'] === installation);
  const truth: Truth = {
    ours: things.filter(({ type }) => type === 'snapshot'),
    records: await readSnapshots(db),
    backups: await readBackups(db),
  };
  return [
    ...orphans(truth),
    ...phantoms(truth),
    ...doubles(truth),
    ...tooFew(truth, await readPolicies(db)),
    ...unlisted(things, await readObjects(db)),
    ...stuck(truth.backups, await readRecoveries(db)),
  ];
}

/** I1: every snapshot that CPM made belongs to exactly one record, which knows it. */
function orphans({ ours, records }: Truth): string[] {
  return ours.flatMap(({ id, region, tags }) => {
    const found = records.filter((record) => record.awsSnapshotId === id && record.region === region);
    if (found.length !== 1) return [`I1: ${id} in ${region} is in ${found.length} records`];
    const [record] = found;
    const isKnown = record !== undefined && ['pending', 'completed', 'error'].includes(record.state);
    const isItsOwn = record?.attemptId === tags['cpm:attempt'] && record?.backupId === tags['cpm:backup'];
    return [
      ...(isKnown ? [] : [`I1: ${id} exists, and its record says ${record?.state}`]),
      ...(isItsOwn ? [] : [`I1: ${id} carries the tags of another attempt or backup than its record`]),
    ];
  });
}

/** I2: whatever a record shows as completed exists and is completed, in a backup that is said to be recoverable. */
function phantoms({ ours, records, backups }: Truth): string[] {
  const byId = new Map(ours.map((thing) => [thing.id, thing]));
  const lost = records
    .filter(({ state, awsSnapshotId }) => state === 'completed' && byId.get(awsSnapshotId ?? '')?.state !== 'completed')
    .map(({ awsSnapshotId, volumeId }) => `I2: ${awsSnapshotId} of ${volumeId} is on record as completed, and is not`);
  const empty = backups
    .filter(
      ({ id, recoverable }) =>
        recoverable && !records.some((each) => each.backupId === id && each.state === 'completed'),
    )
    .map(({ id }) => `I2: the backup ${id} is shown as recoverable and holds nothing`);
  const green = backups
    .filter(
      ({ id, status }) =>
        status === 'successful' &&
        records.some((each) => each.backupId === id && !['completed', 'deleted'].includes(each.state)),
    )
    .map(({ id }) => `I6: the backup ${id} is successful, and not every snapshot of it is completed`);
  return [...lost, ...empty, ...green];
}

/** F1: of each volume there is at most one living snapshot a backup. */
function doubles({ ours }: Truth): string[] {
  const groups = Map.groupBy(ours, ({ tags, volumeId }) => `${tags['cpm:backup']} ${volumeId}`);
  return [...groups].flatMap(([key, { length }]) =>
    length > 1 ? [`F1: ${length} snapshots of backup and volume ${key}`] : [],
  );
}

type PolicyRecord = Awaited<ReturnType<typeof readPolicies>>[number];

/** I3: the newest generations that the policy keeps are there, as far as so many were ever made; no more stay than that. */
function tooFew({ backups, records }: Truth, policies: readonly PolicyRecord[]): string[] {
  return policies.flatMap(({ id, generations }) => {
    const made = backups.filter(({ policyId, isGeneration }) => policyId === id && isGeneration);
    const kept = made.filter((backup) =>
      records.some((each) => each.backupId === backup.id && each.state === 'completed'),
    );
    const expected = Math.min(made.length, generations);
    return kept.length === expected
      ? []
      : [`I3: ${kept.length} of ${expected} generations are left of the policy ${id}`];
  });
}

type ObjectRecord = Awaited<ReturnType<typeof readObjects>>[number];

/** I8: everything that a recovery made is listed in its record; the volumes of a listed instance belong to it. */
function unlisted(things: readonly Thing[], objects: readonly ObjectRecord[]): string[] {
  const listed = new Set(objects.map(({ awsId, recoveryId }) => `${recoveryId} ${awsId}`));
  const made = things.filter(({ tags }) => tags['cpm:recovery'] !== undefined && tags['cpm:attempt'] === undefined);
  const isListed = ({ id, tags, attachments = [] }: Thing) =>
    [id, ...attachments.map(({ instanceId }) => instanceId)].some((each) =>
      listed.has(`${tags['cpm:recovery']} ${each}`),
    );
  const missing = made.filter((thing) => !isListed(thing)).map(({ id }) => `I8: ${id} is in no record of its recovery`);
  const living = new Set(things.map(({ id }) => id));
  const lost = objects
    .filter(({ state, awsId }) => state === 'kept' && !living.has(awsId ?? ''))
    .map(({ awsId }) => `I8: ${awsId} is listed as kept and does not exist`);
  const left = objects
    .filter(({ state, awsId }) => state === 'removed' && living.has(awsId ?? ''))
    .map(({ awsId }) => `I8: ${awsId} is listed as removed and exists`);
  return [...missing, ...lost, ...left];
}

type RecoveryRecord = Awaited<ReturnType<typeof readRecoveries>>[number];

/** I11: whatever was begun has ended, with an outcome. */
function stuck(backups: readonly BackupRecord[], recoveries: readonly RecoveryRecord[]): string[] {
  return [...backups, ...recoveries].flatMap(({ id, endedAt, status }) =>
    endedAt === null || status === null ? [`I11: ${id} has not ended`] : [],
  );
}

async function installationOf(db: Kysely<Database>): Promise<string> {
  const { value } = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', 'installation_id')
    .executeTakeFirstOrThrow();
  return String(value);
}

const readSnapshots = (db: Kysely<Database>) =>
  db
    .selectFrom('snapshots')
    .select(['aws_snapshot_id as awsSnapshotId', 'region', 'state', 'source_id as volumeId'])
    .select(['backup_id as backupId', 'attempt_id as attemptId'])
    .execute();
const readBackups = (db: Kysely<Database>) =>
  db
    .selectFrom('backups')
    .select([
      'id',
      'policy_id as policyId',
      'status',
      'recoverable',
      'ended_at as endedAt',
      'is_generation as isGeneration',
    ])
    .execute();
const readPolicies = (db: Kysely<Database>) =>
  db.selectFrom('policies').select(['id', 'generations']).where('removed_at', 'is', null).execute();
const readObjects = (db: Kysely<Database>) =>
  db.selectFrom('recovery_objects').select(['recovery_id as recoveryId', 'aws_id as awsId', 'state']).execute();
const readRecoveries = (db: Kysely<Database>) =>
  db.selectFrom('recoveries').select(['id', 'status', 'ended_at as endedAt']).execute();
