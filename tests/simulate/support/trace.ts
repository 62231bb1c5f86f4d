import { createHash } from 'node:crypto';
import type { Seen } from '../../invariants/truth.ts';
import { isSnapshot } from '../../invariants/truth.ts';
import type { Town } from '../story/town.ts';

type Trace = { readonly hash: string; readonly lines: readonly string[]; readonly backups: readonly string[] };

const time = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString());

/**
 * What happened, in words that are the same whenever the same happened: without ids that chance makes, and what happened at
 * one moment in the order of the alphabet.
 */
export async function traceOf(town: Town): Promise<Trace> {
  const { stage, names } = town;
  const plain = (text: string): string =>
    text
      .replaceAll(/\b(?:i|vol)-[0-9a-f]{17}\b/g, (id) => names.get(id) ?? 'unnamed')
      .replaceAll(/\bsnap-[0-9a-f]{17}\b/g, 'snap')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
  const backups = await stage.db.selectFrom('backups').selectAll().execute();
  const skipped = await stage.db
    .selectFrom('skipped_firings')
    .leftJoin('policies', 'policies.id', 'skipped_firings.policy_id')
    .select(['skipped_firings.due_at as dueAt', 'skipped_firings.reason', 'policies.name'])
    .execute();
  const scripts = await stage.db
    .selectFrom('backup_scripts')
    .innerJoin('backups', 'backups.id', 'backup_id')
    .select(['backup_scripts.started_at as at', 'step', 'argument', 'state', 'backups.policy_name as name'])
    .execute();
  const things = (await stage.aws.things({}, 'all')) as Seen[];
  const lines = [
    ...backups.map((each) =>
      [
        `${time(each.started_at)} ${each.policy_name} ${each.trigger} due ${time(each.due_at)} ended ${time(each.ended_at)}`,
        `${each.status} generation=${each.is_generation} recoverable=${each.recoverable} ${each.reasons.map(plain).toSorted().join('; ')}`,
        `marked ${time(each.deletion_marked_at)} ${each.deletion_reason ?? ''} deleted ${time(each.deleted_at)}`,
      ].join(' '),
    ),
    ...skipped.map(({ dueAt, name, reason }) => `${time(dueAt)} ${name ?? '-'} skipped: ${reason}`),
    ...scripts.map(({ at, name, step, argument, state }) => `${time(at)} ${name} script ${step} ${argument} ${state}`),
    ...things
      .filter((thing) => isSnapshot(thing))
      .map(
        ({ createdAt, region, volumeId, madeBy, deletedAt, deletedBy, state }) =>
          `${createdAt} ${region} ${madeBy.action} ${volumeId ?? ''} ${state ?? ''} ${deletedAt ?? ''} ${deletedBy?.action ?? ''}`,
      ),
  ]
    .map(plain)
    .toSorted();
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
  return { hash, lines, backups: backups.map(({ status, trigger }) => `${status} (${trigger})`) };
}
