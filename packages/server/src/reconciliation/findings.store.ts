import { randomUUID } from 'node:crypto';
import {
  DIFFERENCE_TEXT,
  isConfirmed,
  keyOf,
  type AccountId,
  type BackupId,
  type Difference,
  type Instant,
  type SnapshotService,
  type UserId,
} from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

/** One account and region of an owner. */
export type Place = { readonly accountId: AccountId; readonly ownerId: UserId; readonly region: string };

export type OpenFinding = {
  readonly id: string;
  readonly kind: 'adopted' | 'leftover' | 'unknown' | 'vanished';
  readonly service: SnapshotService;
  readonly awsSnapshotId: string;
  readonly backupId: BackupId | null;
  readonly firstSeenAt: Instant;
  readonly confirmedAt: Instant | null;
};

/** The findings of a place that nothing has settled yet. */
export async function findOpenFindings(db: Kysely<Database>, { accountId, region }: Place): Promise<OpenFinding[]> {
  return db
    .selectFrom('reconciliation_findings')
    .select([
      'id',
      'kind',
      'service',
      'aws_snapshot_id as awsSnapshotId',
      'backup_id as backupId',
      'first_seen_at as firstSeenAt',
      'confirmed_at as confirmedAt',
    ])
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('resolved_at', 'is', null)
    .orderBy('aws_snapshot_id')
    .execute();
}

export type Noted = {
  /** Seen for the second time, long enough after the first: believed from now on. */
  readonly confirmed: readonly Difference[];
  /** All that is believed and still differs. */
  readonly believed: readonly Difference[];
  /** How many still wait for their second look. */
  readonly unconfirmed: number;
};

/**
 * Writes what a complete look found: new differences with the time of their first look, confirmed ones, and the end of
 * those that are no more. A difference that showed only once is dropped without a trace.
 */
export async function noteDifferences(
  tx: Kysely<Database>,
  place: Place,
  { differences, now }: { readonly differences: readonly Difference[]; readonly now: Instant },
): Promise<Noted> {
  const open = await findOpenFindings(tx, place);
  const nameOf = (each: { readonly kind: string; readonly service: string; readonly awsSnapshotId: string }) =>
    `${each.kind} ${keyOf(each)}`;
  const byName = new Map(open.map((finding) => [nameOf(finding), finding]));
  const found = new Set(differences.map(nameOf));
  const fresh = differences.filter((difference) => !byName.has(nameOf(difference)));
  await openFindings(tx, place, { fresh, now });
  const confirmed = differences.filter((difference) => {
    const finding = byName.get(nameOf(difference));
    return finding !== undefined && finding.confirmedAt === null && isConfirmed(finding.firstSeenAt, now);
  });
  const idsOf = (of: readonly Difference[]) => of.flatMap((each) => byName.get(nameOf(each))?.id ?? []);
  await confirm(tx, idsOf(confirmed), now);
  // A vanished snapshot is `missing` from its confirmation on and differs no more: it stays open until it is back or let go.
  const over = open.filter((finding) => !found.has(nameOf(finding)) && !isLasting(finding));
  await settle(tx, over, now);
  const known = differences.filter((each) => (byName.get(nameOf(each))?.confirmedAt ?? null) !== null);
  const believed = [...known, ...confirmed];
  return { confirmed, believed, unconfirmed: differences.length - believed.length };
}

const isLasting = ({ kind, confirmedAt }: OpenFinding): boolean => kind === 'vanished' && confirmedAt !== null;

async function openFindings(
  tx: Kysely<Database>,
  { accountId, ownerId, region }: Place,
  { fresh, now }: { readonly fresh: readonly Difference[]; readonly now: Instant },
): Promise<void> {
  for (let first = 0; first < fresh.length; first += 1000) {
    const rows = fresh.slice(first, first + 1000).map(({ kind, service, awsSnapshotId, backupId }) => ({
      id: randomUUID(),
      owner_id: ownerId,
      account_id: accountId,
      region,
      service,
      aws_snapshot_id: awsSnapshotId,
      kind,
      message: DIFFERENCE_TEXT[kind],
      backup_id: backupId,
      first_seen_at: asTimestamp(now),
    }));
    await tx
      .insertInto('reconciliation_findings')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

async function confirm(tx: Kysely<Database>, ids: readonly string[], now: Instant): Promise<void> {
  if (ids.length === 0) return;
  const set = { confirmed_at: asTimestamp(now) };
  await tx.updateTable('reconciliation_findings').set(set).where('id', 'in', ids).execute();
}

/** Ends findings: what was never confirmed was never so. */
export async function settle(
  tx: Kysely<Database>,
  findings: readonly { readonly id: string; readonly confirmedAt: Instant | null }[],
  now: Instant,
): Promise<void> {
  const [believed, dropped] = [
    findings.filter(({ confirmedAt }) => confirmedAt !== null),
    findings.filter(({ confirmedAt }) => confirmedAt === null),
  ].map((each) => each.map(({ id }) => id));
  if (believed !== undefined && believed.length > 0) {
    const set = { resolved_at: asTimestamp(now) };
    await tx.updateTable('reconciliation_findings').set(set).where('id', 'in', believed).execute();
  }
  if (dropped !== undefined && dropped.length > 0) {
    await tx.deleteFrom('reconciliation_findings').where('id', 'in', dropped).execute();
  }
}

/** Ends the finding of one snapshot, with what became of it. */
export async function settleOne(
  tx: Kysely<Database>,
  { accountId, region }: Place,
  {
    kind,
    service,
    awsSnapshotId,
    message,
    now,
  }: Pick<Difference, 'kind' | 'service' | 'awsSnapshotId'> & {
    readonly message: string;
    readonly now: Instant;
  },
): Promise<void> {
  await tx
    .updateTable('reconciliation_findings')
    .set({ message, resolved_at: asTimestamp(now) })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('service', '=', service)
    .where('aws_snapshot_id', '=', awsSnapshotId)
    .where('kind', '=', kind)
    .where('resolved_at', 'is', null)
    .execute();
}

export type FindingRow = Omit<OpenFinding, 'kind'> & {
  readonly kind: OpenFinding['kind'];
  readonly accountId: AccountId;
  readonly accountName: string;
  readonly region: string;
  readonly message: string;
  readonly resolvedAt: Instant | null;
};

/** A page of the owner's findings, the newest first. */
export async function listFindings(
  db: Kysely<Database>,
  ownerId: UserId,
  { state, ...page }: PageQuery & { readonly state: 'open' | 'all' },
): Promise<Page<FindingRow>> {
  let query = db
    .selectFrom('reconciliation_findings as found')
    .innerJoin('accounts', 'accounts.id', 'found.account_id')
    .select([
      'found.id',
      'found.account_id as accountId',
      'accounts.name as accountName',
      'found.region',
      'found.service',
      'found.aws_snapshot_id as awsSnapshotId',
      'found.kind',
      'found.message',
      'found.backup_id as backupId',
      'found.first_seen_at as firstSeenAt',
      'found.confirmed_at as confirmedAt',
      'found.resolved_at as resolvedAt',
    ])
    .where('found.owner_id', '=', ownerId);
  if (state === 'open') query = query.where('found.resolved_at', 'is', null);
  return pageAfter<FindingRow>(query, page, [
    { column: 'found.first_seen_at', of: (row) => row.firstSeenAt, direction: 'desc', type: 'time' },
    { column: 'found.id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}
