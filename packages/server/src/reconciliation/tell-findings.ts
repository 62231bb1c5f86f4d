import type { Instant } from '@cpm/core';
import type { Transaction } from 'kysely';
import { closeAlert, raiseAlert } from '../alerts/alerts.store.ts';
import type { Database } from '../db/schema.ts';
import { findOpenFindings, settle, type Place } from './findings.store.ts';

const NAMED_IN_ALERT = 10;

/** The alert that an account cannot be compared, open as long as that lasts; null closes it. */
export async function tellError(
  tx: Transaction<Database>,
  place: Place,
  { error, now }: { readonly error: string | null; readonly now: Instant },
): Promise<void> {
  const key = keyFor(place, 'error');
  if (error === null) return closeAlert(tx, { ...key, at: now });
  await raiseAlert(tx, {
    ...key,
    ...about(place),
    severity: 'warning',
    title: `${await named(tx, place)} cannot be compared with the records`,
    message: error,
    at: now,
  });
}

/** The alerts of what is believed to have vanished, and of what CPM knows nothing of. */
export async function tellFindings(tx: Transaction<Database>, place: Place, now: Instant): Promise<void> {
  await settle(tx, await findLetGo(tx, place), now);
  const open = (await findOpenFindings(tx, place)).filter(({ confirmedAt }) => confirmedAt !== null);
  const where = await named(tx, place);
  await tell(tx, place, {
    kind: 'vanished',
    ids: open.filter(({ kind }) => kind === 'vanished').map(({ awsSnapshotId }) => awsSnapshotId),
    severity: 'error',
    title: (count) => `${count} of backups vanished from ${where}`,
    intro: 'They were deleted outside CPM, and their backups can be recovered without them only:',
    now,
  });
  await tell(tx, place, {
    kind: 'unknown',
    ids: open.filter(({ kind }) => kind === 'unknown').map(({ awsSnapshotId }) => awsSnapshotId),
    severity: 'warning',
    title: (count) => `${count} in ${where} bear this installation's tag, but no record`,
    intro: 'CPM does not touch them; after its database was restored from an older copy they may be newer backups:',
    now,
  });
}

/** Vanished snapshots whose backup is deleted, or forgotten, trouble nobody any more. */
async function findLetGo(tx: Transaction<Database>, { accountId, region }: Place) {
  return tx
    .selectFrom('reconciliation_findings as found')
    .leftJoin('backups', 'backups.id', 'found.backup_id')
    .select(['found.id', 'found.confirmed_at as confirmedAt'])
    .where('found.account_id', '=', accountId)
    .where('found.region', '=', region)
    .where('found.kind', '=', 'vanished')
    .where('found.resolved_at', 'is', null)
    .where('found.confirmed_at', 'is not', null)
    .where((where) => where.or([where('backups.id', 'is', null), where('backups.deletion_marked_at', 'is not', null)]))
    .execute();
}

type Telling = {
  readonly kind: 'vanished' | 'unknown';
  readonly ids: readonly string[];
  readonly severity: 'warning' | 'error';
  readonly title: (count: string) => string;
  readonly intro: string;
  readonly now: Instant;
};

async function tell(tx: Transaction<Database>, place: Place, { kind, ids, ...words }: Telling): Promise<void> {
  const key = keyFor(place, kind);
  if (ids.length === 0) return closeAlert(tx, { ...key, at: words.now });
  const others = ids.length - NAMED_IN_ALERT;
  const list = `${ids.slice(0, NAMED_IN_ALERT).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  await raiseAlert(tx, {
    ...key,
    ...about(place),
    severity: words.severity,
    title: words.title(ids.length === 1 ? '1 snapshot' : `${ids.length} snapshots`),
    message: `${words.intro} ${list}`,
    at: words.now,
  });
}

const keyFor = ({ ownerId, accountId, region }: Place, what: string) => ({
  ownerId,
  category: 'reconciliation' as const,
  subject: `${accountId} ${region} ${what}`,
});

const about = ({ accountId }: Place) => ({ policyId: null, accountId, backupId: null });

async function named(tx: Transaction<Database>, { accountId, region }: Place): Promise<string> {
  const account = await tx.selectFrom('accounts').select('name').where('id', '=', accountId).executeTakeFirst();
  return `${account?.name ?? 'an account'} in ${region}`;
}
