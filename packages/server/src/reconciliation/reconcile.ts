import type { UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob, enqueueJobs } from '../engine/jobs.ts';
import { findUsedPlaces } from './places.store.ts';

/** Compares one account and region. */
export const RECONCILE = 'reconcile';
/** Starts all of them, every few hours. */
export const START_RECONCILIATIONS = 'start-reconciliations';

/** Has every account and region that CPM has used compared with AWS now; answers how many, of one owner or of all. */
export async function enqueueReconciliations(tx: Transaction<Database>, owner: UserId | 'all'): Promise<number> {
  const places = await findUsedPlaces(tx, owner);
  await enqueueJobs(
    tx,
    places.map(({ accountId, ownerId, region }) => ({
      kind: RECONCILE,
      subjectId: accountId,
      ownerId,
      uniqueKey: `${accountId} ${region}`,
      input: { region },
    })),
  );
  return places.length;
}

/** Has the job that starts the regular compares look at its time: at a server's start, and when the setting changes. */
export async function enqueueStartReconciliations(tx: Transaction<Database>): Promise<void> {
  const kind = START_RECONCILIATIONS;
  await enqueueJob(tx, { kind, subjectId: kind, ownerId: null, uniqueKey: kind });
}
