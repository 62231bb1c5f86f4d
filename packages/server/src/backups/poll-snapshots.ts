import { addMs, type AccountId, type Instant, type UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob } from '../engine/jobs.ts';

export const POLL_SNAPSHOTS = 'poll-snapshots';

/** No snapshot is done sooner; also the shortest time between two looks. */
export const SOONEST_LOOK_MS = 2_000;

export type PollPlace = {
  readonly accountId: AccountId;
  readonly ownerId: UserId;
  readonly region: string;
  /** When what it will look at was started. */
  readonly at: Instant;
};

/** Sees to it that the one poller of the account and region runs: together with the rows that it will look at. */
export async function enqueuePoll(tx: Transaction<Database>, place: PollPlace): Promise<void> {
  const { accountId, ownerId, region, at } = place;
  await enqueueJob(tx, {
    kind: POLL_SNAPSHOTS,
    subjectId: accountId,
    ownerId,
    uniqueKey: `${accountId}/${region}`,
    input: { region },
    wakeAt: addMs(at, SOONEST_LOOK_MS),
  });
}
