import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../../packages/server/src/db/schema.ts';
import { isSnapshot, type Seen } from '../../invariants/truth.ts';
import type { Town } from '../story/town.ts';

export type Trace = {
  readonly hash: string;
  readonly lines: readonly string[];
  /** How often what came of things: backups by outcome and trigger, snapshots by service and end, and so on. */
  readonly figures: ReadonlyMap<string, number>;
};
/** What happened to one thing: when, in words, and under which heading it is counted. */
type Line = { readonly text: string; readonly counted?: string };

const time = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString());
const line = (counted: string | undefined, ...words: readonly unknown[]): Line => ({
  text: words.join(' '),
  ...(counted === undefined ? {} : { counted }),
});

/**
 * What happened, in words that are the same whenever the same happened: without ids that chance makes, and what happened at
 * one moment in the order of the alphabet.
 */
export async function traceOf({ stage, names }: Town): Promise<Trace> {
  const plain = (text: string): string =>
    text
      .replaceAll(/\b(?:i|vol)-[0-9a-f]{17}\b/g, (id) => names.get(id) ?? 'unnamed')
      .replaceAll(/\bsnap-[0-9a-f]{17}\b/g, 'snap')
      .replaceAll(/\bami-[0-9a-f]{17}\b/g, 'ami')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
  const { db } = stage;
  const told = [
    ...(await backupsOf(db, plain)),
    ...(await skippedOf(db)),
    ...(await scriptsOf(db)),
    ...(await deletionsOf(db)),
    ...(await alertsOf(db)),
    ...(await findingsOf(db)),
    ...(await recoveriesOf(db, plain)),
    ...(await logOf(db)),
    ...((await stage.aws.things({}, 'all')) as Seen[]).filter(isSnapshot).map(snapshotLine),
  ];
  const figures = new Map<string, number>();
  for (const { counted } of told) if (counted !== undefined) figures.set(counted, (figures.get(counted) ?? 0) + 1);
  const lines = told.map(({ text }) => plain(text)).toSorted();
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
  return { hash, lines, figures };
}

async function backupsOf(db: Kysely<Database>, plain: (text: string) => string): Promise<Line[]> {
  const backups = await db.selectFrom('backups').selectAll().execute();
  return backups.map((each) =>
    line(
      `backup ${each.status} (${each.trigger})`,
      `${time(each.started_at)} ${each.policy_name} ${each.trigger} ${each.retry_number} due ${time(each.due_at)}`,
      `ended ${time(each.ended_at)} ${each.status} generation=${each.is_generation} recoverable=${each.recoverable}`,
      // Reasons of one backup stand in the order in which their regions ended.
      each.reasons.map(plain).toSorted().join('; '),
      `aborted ${time(each.abort_requested_at)} frozen ${time(each.frozen_at)} retry at ${time(each.retry_at)}`,
      `marked ${time(each.deletion_marked_at)} ${each.deletion_reason ?? ''} deleted ${time(each.deleted_at)}`,
    ),
  );
}

async function skippedOf(db: Kysely<Database>): Promise<Line[]> {
  const skipped = await db
    .selectFrom('skipped_firings')
    .leftJoin('policies', 'policies.id', 'skipped_firings.policy_id')
    .select(['skipped_firings.due_at as dueAt', 'skipped_firings.reason', 'policies.name'])
    .execute();
  return skipped.map(({ dueAt, name, reason }) =>
    line(`skipped: ${reason.replaceAll(/\d+/g, 'N')}`, time(dueAt), name ?? '-', 'skipped:', reason),
  );
}

async function scriptsOf(db: Kysely<Database>): Promise<Line[]> {
  const scripts = await db
    .selectFrom('backup_scripts')
    .innerJoin('backups', 'backups.id', 'backup_id')
    .select(['backup_scripts.started_at as at', 'step', 'argument', 'state', 'backups.policy_name as name'])
    .execute();
  return scripts.map(({ at, name, step, argument, state }) =>
    line(`script "${step}" ${state}`, time(at), name, 'script', step, argument, state),
  );
}

async function deletionsOf(db: Kysely<Database>): Promise<Line[]> {
  const deletions = await db.selectFrom('deletions').selectAll().execute();
  return deletions.map((each) =>
    line(
      `deletion ${each.state}${each.obstacle === null ? '' : ` (${each.obstacle})`}`,
      `${time(each.marked_at)} ${each.policy_name} deletion of ${each.service} ${each.source_id} in ${each.region}:`,
      `${each.reason} ${each.state} ${each.obstacle ?? ''} ended ${time(each.ended_at)}`,
    ),
  );
}

async function alertsOf(db: Kysely<Database>): Promise<Line[]> {
  const alerts = await db.selectFrom('alerts').selectAll().execute();
  return alerts.map((each) =>
    line(
      `alert ${each.category} ${each.closed_at === null ? 'open' : 'closed'}`,
      `${time(each.opened_at)} alert ${each.category} ${each.severity} ${each.title} closed ${time(each.closed_at)}`,
    ),
  );
}

async function findingsOf(db: Kysely<Database>): Promise<Line[]> {
  const findings = await db.selectFrom('reconciliation_findings').selectAll().execute();
  return findings.map((each) =>
    line(
      `finding ${each.kind}`,
      `${time(each.first_seen_at)} finding ${each.kind} ${each.service} in ${each.region}`,
      `confirmed ${time(each.confirmed_at)} resolved ${time(each.resolved_at)}`,
    ),
  );
}

async function recoveriesOf(db: Kysely<Database>, plain: (text: string) => string): Promise<Line[]> {
  const recoveries = await db.selectFrom('recoveries').selectAll().execute();
  const objects = Map.groupBy(
    await db.selectFrom('recovery_objects').selectAll().execute(),
    (each) => each.recovery_id,
  );
  return recoveries.map((each) =>
    line(
      `recovery of ${each.kind} ${each.status}`,
      `${time(each.started_at)} ${each.policy_name} recovery of ${each.kind} in ${each.region} ${each.status}`,
      `ended ${time(each.ended_at)} in its step ${each.step_number}`,
      each.reasons.map(madeOf(plain)).toSorted().join('; '),
      (objects.get(each.id) ?? [])
        .map(({ kind, role, state }) => `${kind} ${role} ${state}`)
        .toSorted()
        .join(', '),
    ),
  );
}

/** What AWS made has ids that chance makes. */
const madeOf = (plain: (text: string) => string) => (text: string) =>
  plain(text).replaceAll(/\b(?:ami|eni|subnet)-[0-9a-f]+\b/g, 'made');

async function logOf(db: Kysely<Database>): Promise<Line[]> {
  const lines = await db
    .selectFrom('log_lines')
    .innerJoin('backups', 'backups.id', 'subject_id')
    .select(['at', 'level', 'text', 'policy_name as name'])
    .execute();
  return lines.map(({ at, level, text, name }) => line(undefined, time(at), name, 'log', level, text));
}

function snapshotLine(thing: Seen): Line {
  const { createdAt, region, type, volumeId, madeBy, deletedAt, deletedBy, state } = thing;
  return line(
    `made in AWS: ${type} ${deletedAt === undefined ? (state ?? '') : 'deleted'}`,
    `${createdAt} ${region} ${madeBy.action} ${volumeId ?? ''} ${state ?? ''} ${deletedAt ?? ''} ${deletedBy?.action ?? ''}`,
  );
}
