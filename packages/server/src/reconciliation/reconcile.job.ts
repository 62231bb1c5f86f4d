import {
  addMs,
  attemptsOf,
  compareWithAws,
  CPM_TAG_KEYS,
  isCpmError,
  isWorthRetrying,
  keyOf,
  MINUTE_MS,
  SECOND_LOOK_MS,
  type AccountId,
  type Compared,
  type CpmError,
  type Difference,
  type Instant,
  type SeenSnapshot,
  type SnapshotRecord,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info } from '../logs/log-lines.store.ts';
import { snapshotDoor } from '../retention/snapshot-door.ts';
import { noteDifferences, settleOne, type Noted, type Place } from './findings.store.ts';
import { findUsedServices } from './places.store.ts';
import { findAttempts, findRecords, markMissing, markThere, saveCompare } from './records.store.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { tellError, tellFindings } from './tell-findings.ts';

const AFTER_ERROR_MS = 10 * MINUTE_MS;

/**
 * Compares what AWS has with the records, in one account and region (BKP-6, I1, I2). What differs is believed at the second
 * complete look, five minutes after the first; what AWS does not tell in full proves nothing.
 */
export function reconcileKind(context: ServerContext): JobKind<Database> {
  return { run: (job) => reconcile(context, job), onFailed: async () => undefined, maxAttempts: 1000 };
}

async function reconcile(context: ServerContext, job: JobContext<Database>): Promise<JobEnd<Database>> {
  const { clock } = context;
  const place = await placeOf(context, job);
  if (place === null) return job.done();
  const startedAt = clock.now();
  const looked = await look(context, place);
  const now = clock.now();
  if ('failure' in looked) {
    const error = describeError(looked.failure);
    await job.transaction(async (tx) => {
      await saveCompare(tx, place, { startedAt, endedAt: now, error, snapshotsSeen: 0 });
      await tellError(tx, place, { error, now });
    });
    return isWorthRetrying(looked.failure) ? job.park(addMs(now, AFTER_ERROR_MS)) : job.done();
  }
  const noted = await job.transaction(async (tx) => {
    const compared = await compare(tx, place, looked);
    const noted = await noteDifferences(tx, place, { differences: compared.differences, now });
    await takeNote(tx, place, { noted, compared, now });
    await saveCompare(tx, place, { startedAt, endedAt: now, error: null, snapshotsSeen: looked.seen.length });
    await tellError(tx, place, { error: null, now });
    await tellFindings(tx, place, now);
    return noted;
  });
  await removeLeftovers(context, job, { place, believed: noted.believed, seen: looked.seen });
  return noted.unconfirmed > 0 ? job.park(addMs(now, SECOND_LOOK_MS)) : job.done();
}

async function placeOf({ db }: ServerContext, job: JobContext<Database>): Promise<Place | null> {
  const { region } = job.input as { region: string };
  const accountId = job.subjectId as AccountId;
  const account = await db
    .selectFrom('accounts')
    .select('owner_id as ownerId')
    .where('id', '=', accountId)
    .executeTakeFirst();
  return account === undefined ? null : { accountId, ownerId: account.ownerId, region };
}

type Looked = {
  readonly seen: readonly SeenSnapshot[];
  /** Records that AWS shows by their id though not by CPM's tag: somebody took the tag off. */
  readonly shownById: ReadonlySet<string>;
};

/** Reads all that bears this installation's tag, in every service that CPM uses there, or nothing at all (F7). */
async function look(context: ServerContext, place: Place): Promise<Looked | { readonly failure: CpmError }> {
  const { db, installationId } = context;
  try {
    const services = await findUsedServices(db, place.accountId, place.region);
    const door = (service: SeenSnapshot['service']) => snapshotDoor(context, { ...place, service });
    const listed = await Promise.all(
      services.map(async (service) => {
        const found = await door(service).findByTag(CPM_TAG_KEYS.installation, installationId);
        return found.map(({ awsSnapshotId, tags, isComplete }): SeenSnapshot => ({
          service,
          awsSnapshotId,
          tags,
          isComplete,
        }));
      }),
    );
    const seen = listed.flat();
    const { differences } = compareWithAws({ seen, records: await findRecords(db, place), attempts: [] });
    const absent = Map.groupBy(
      differences.filter(({ kind }) => kind === 'vanished'),
      ({ service }) => service,
    );
    const shownById = new Set<string>();
    for (const [service, each] of absent) {
      const found = await door(service).describe(each.map(({ awsSnapshotId }) => awsSnapshotId));
      for (const { awsSnapshotId } of found) shownById.add(keyOf({ service, awsSnapshotId }));
    }
    return { seen, shownById };
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return { failure: error };
  }
}

/** Compares with the records as they are after the look: what AWS showed had its record, or its attempt, by then. */
async function compare(tx: Transaction<Database>, place: Place, { seen, shownById }: Looked): Promise<Compared> {
  const records = await findRecords(tx, place);
  const recorded = new Set(records.map(keyOf));
  const attempts = await findAttempts(tx, place, attemptsOf(seen.filter((snapshot) => !recorded.has(keyOf(snapshot)))));
  const { differences, reappeared } = compareWithAws({ seen, records, attempts });
  const isTrue = (difference: Difference) => difference.kind !== 'vanished' || !shownById.has(keyOf(difference));
  return { differences: differences.filter(isTrue), reappeared };
}

type News = { readonly noted: Noted; readonly compared: Compared; readonly now: Instant };

/** Brings the records in line with what is believed now. */
async function takeNote(tx: Transaction<Database>, place: Place, { noted, compared, now }: News): Promise<void> {
  const vanished = noted.confirmed.filter(({ kind }) => kind === 'vanished');
  await markMissing(
    tx,
    vanished.flatMap(({ snapshotId }) => (snapshotId === null ? [] : [snapshotId])),
    'it was deleted outside CPM',
  );
  for (const { backupId, awsSnapshotId } of vanished) {
    if (backupId === null) continue;
    await appendLog(tx, backupId, now, [
      failure(`${awsSnapshotId} was deleted outside CPM: AWS does not show it any more`),
    ]);
  }
  await markThere(
    tx,
    compared.reappeared.map(({ snapshotId }) => snapshotId),
  );
  for (const record of compared.reappeared) await noteReturn(tx, place, { record, now });
}

async function noteReturn(
  tx: Transaction<Database>,
  place: Place,
  { record, now }: { readonly record: SnapshotRecord; readonly now: Instant },
): Promise<void> {
  const { service, awsSnapshotId, backupId } = record;
  const message = 'it is in AWS again and counts again';
  await settleOne(tx, place, { kind: 'vanished', service, awsSnapshotId, message, now });
  await appendLog(tx, backupId, now, [info(`${awsSnapshotId} is in AWS again and counts again`)]);
}
