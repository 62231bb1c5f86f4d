import { randomUUID } from 'node:crypto';
import {
  parseAlertId,
  type AccountId,
  type AlertCategory,
  type AlertId,
  type AlertSeverity,
  type AlertText,
  type BackupId,
  type Instant,
  type PolicyId,
  type UserId,
} from '@cpm/core';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

/** Which alert is meant: an owner has at most one open alert of a category and subject. */
export type AlertKey = { readonly ownerId: UserId; readonly category: AlertCategory; readonly subject: string };

export type NewAlert = AlertKey &
  AlertText & {
    readonly policyId: PolicyId | null;
    readonly accountId: AccountId | null;
    readonly backupId: BackupId | null;
    readonly at: Instant;
  };

const LONGEST_TITLE = 200;
const LONGEST_MESSAGE = 4000;

/** PostgreSQL keeps no NUL in text, and what AWS or a script says may hold one. */
const stored = (text: string, longest: number): string => text.replaceAll('\0', '\u2400').slice(0, longest);

/**
 * Opens an alert in the transaction that changes the state it is about (ALR-1). One that is open already keeps its time and
 * takes the new words; open consoles are told unless they are the same.
 */
export async function raiseAlert(tx: Kysely<Database>, alert: NewAlert): Promise<void> {
  const fresh = {
    policy_id: alert.policyId,
    account_id: alert.accountId,
    severity: alert.severity,
    title: stored(alert.title, LONGEST_TITLE),
    message: stored(alert.message, LONGEST_MESSAGE),
    backup_id: alert.backupId,
  };
  const key = { owner_id: alert.ownerId, category: alert.category, subject: alert.subject };
  const raised = await tx
    .insertInto('alerts')
    .values({ id: parseAlertId(randomUUID()), ...key, ...fresh, opened_at: asTimestamp(alert.at) })
    .onConflict((conflict) =>
      conflict
        .columns(['owner_id', 'category', 'subject'])
        .where('closed_at', 'is', null)
        .doUpdateSet(fresh)
        .where(
          sql<boolean>`(alerts.severity, alerts.title, alerts.message, alerts.backup_id, alerts.policy_id, alerts.account_id)
            is distinct from (excluded.severity, excluded.title, excluded.message, excluded.backup_id, excluded.policy_id,
            excluded.account_id)`,
        ),
    )
    .returning('id')
    .executeTakeFirst();
  if (raised !== undefined) await announce(tx, alert.ownerId, 'alert', raised.id);
}

/** Closes the open alert of that name in the transaction that puts its cause right; does nothing where none is open. */
export async function closeAlert(tx: Kysely<Database>, alert: AlertKey & { readonly at: Instant }): Promise<void> {
  const closed = await tx
    .updateTable('alerts')
    .set({ closed_at: asTimestamp(alert.at) })
    .where('owner_id', '=', alert.ownerId)
    .where('category', '=', alert.category)
    .where('subject', '=', alert.subject)
    .where('closed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (closed !== undefined) await announce(tx, alert.ownerId, 'alert', closed.id);
}

export type AlertRow = {
  readonly id: AlertId;
  readonly category: AlertCategory;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly message: string;
  readonly policyId: PolicyId | null;
  readonly policyName: string | null;
  readonly backupId: BackupId | null;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
};

/** A page of the owner's alerts, the newest first. */
export async function listAlerts(
  db: Kysely<Database>,
  ownerId: UserId,
  { state, ...page }: PageQuery & { readonly state: 'open' | 'all' },
): Promise<Page<AlertRow>> {
  let query = db
    .selectFrom('alerts')
    .leftJoin('policies', 'policies.id', 'alerts.policy_id')
    .select([
      'alerts.id',
      'alerts.category',
      'alerts.severity',
      'alerts.title',
      'alerts.message',
      'alerts.policy_id as policyId',
      'policies.name as policyName',
      'alerts.backup_id as backupId',
      'alerts.opened_at as openedAt',
      'alerts.closed_at as closedAt',
    ])
    .where('alerts.owner_id', '=', ownerId);
  if (state === 'open') query = query.where('alerts.closed_at', 'is', null);
  return pageAfter<AlertRow>(query, page, [
    { column: 'alerts.opened_at', of: (row) => row.openedAt, direction: 'desc', type: 'time' },
    { column: 'alerts.id', of: (row) => row.id, direction: 'asc', type: 'uuid' },
  ]);
}
