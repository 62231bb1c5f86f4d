import { isCpmError, type AccountId, type Instant, type SnapshotService } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf } from '../accounts/database-ports.ts';
import { describeNamedSnapshots } from '../accounts/named-snapshots.ts';
import type { ServerContext } from '../context.ts';
import { describeError } from '../logs/describe-error.ts';
import { factsOfNamed } from './database-snapshot-facts.ts';
import { factsFromAws, type SnapshotRow, type SnapshotUpdate } from './snapshots.store.ts';

/** One listing without it proves nothing (F6): only so long after it was made, and so long after it was first missed. */
const BELIEVE_ABSENT_AGE_MS = 10 * 60_000;
const BELIEVE_ABSENT_FOR_MS = 5 * 60_000;

type Place = { readonly accountId: AccountId; readonly region: string };

/** A pending snapshot of ours, with what AWS says of it now. */
export type PendingUpdate = { readonly row: SnapshotRow; readonly update: SnapshotUpdate };
/** A service that does not tell now: of its snapshots nothing is known anew. */
export type PendingFailure = { readonly rows: readonly SnapshotRow[]; readonly reason: string };

/** What AWS says of pending snapshots, each asked of the service that holds it: one that fails leaves the others' answers. */
export async function readPending(
  context: ServerContext,
  place: Place,
  pending: readonly SnapshotRow[],
): Promise<{ readonly updates: readonly PendingUpdate[]; readonly failures: readonly PendingFailure[] }> {
  const parts = await Promise.all(
    [...Map.groupBy(pending, ({ service }) => service)].map(async ([service, rows]) => {
      try {
        return { updates: await readService(context, { ...place, service }, rows), failures: [] };
      } catch (error) {
        if (!isCpmError(error)) throw error;
        return { updates: [], failures: [{ rows, reason: describeError(error) }] };
      }
    }),
  );
  return { updates: parts.flatMap(({ updates }) => updates), failures: parts.flatMap(({ failures }) => failures) };
}

async function readService(
  context: ServerContext,
  { accountId, region, service }: Place & { readonly service: SnapshotService },
  rows: readonly SnapshotRow[],
): Promise<PendingUpdate[]> {
  const ids = rows.flatMap(({ awsSnapshotId }) => (awsSnapshotId === null ? [] : [awsSnapshotId]));
  if (service === 'ebs') {
    const seen = await ec2Of(context, accountId, region).describeSnapshots(ids);
    return match(context, rows, seen, factsFromAws);
  }
  const seen = await describeNamedSnapshots(databasePortsOf(context, accountId, region), service, ids);
  return match(context, rows, seen, factsOfNamed);
}

function match<Seen extends { readonly awsSnapshotId: string }>(
  { clock }: ServerContext,
  rows: readonly SnapshotRow[],
  seen: readonly Seen[],
  factsOf: (row: SnapshotRow, one: Seen, now: Instant) => SnapshotUpdate,
): PendingUpdate[] {
  const now = clock.now();
  const byId = new Map(seen.map((snapshot) => [snapshot.awsSnapshotId, snapshot]));
  return rows.map((row) => {
    const snapshot = byId.get(row.awsSnapshotId ?? '');
    const update =
      snapshot === undefined ? absent(row, now) : { ...factsOf(row, snapshot, now), startedAt: row.startedAt };
    return { row, update };
  });
}

function absent(row: SnapshotRow, now: Instant): SnapshotUpdate {
  const { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt } = row;
  const same = { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt };
  const since = row.absentSince ?? now;
  const isOld = now - (startedAt ?? now) >= BELIEVE_ABSENT_AGE_MS;
  if (isOld && now - since >= BELIEVE_ABSENT_FOR_MS) {
    return { ...same, state: 'missing', message: 'AWS does not show it any more', absentSince: since };
  }
  return { ...same, state: 'pending', message: row.message, absentSince: since };
}
