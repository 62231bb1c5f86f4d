import type { AccountId, UserId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { enqueueJob } from '../engine/jobs.ts';

export const POLL_SNAPSHOTS = 'poll-snapshots';

export type PollPlace = { readonly accountId: AccountId; readonly ownerId: UserId; readonly region: string };

/** Sees to it that the one poller of the account and region runs: together with the rows that it will look at. */
export async function enqueuePoll(tx: Transaction<Database>, { accountId, ownerId, region }: PollPlace): Promise<void> {
  await enqueueJob(tx, {
    kind: POLL_SNAPSHOTS,
    subjectId: accountId,
    ownerId,
    uniqueKey: `${accountId}/${region}`,
    input: { region },
  });
}
