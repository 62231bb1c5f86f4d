import { addMs, type Instant } from '@cpm/core';
import { sql } from 'kysely';
import { appendLog, info } from '../logs/log-lines.store.ts';
import type { BackupRun } from './backup-run.ts';
import type { Attempt } from './send-attempt.ts';

/** AWS takes snapshots of one volume only so far apart (F4). */
const VOLUME_SPACING_MS = 15_000;
const LOOK_AGAIN_MS = 15_000;

/** Which of a region's attempts must not be sent yet, and when to look again; null when all can be sent. */
export type Room = { readonly waiting: readonly Attempt[]; readonly lookAt: Instant | null };

/**
 * Counts ahead what AWS would refuse (F4): attempts wait in line while the account has as many snapshots pending as AWS takes,
 * or while a volume's last snapshot is too young. Told once in the backup's log. Others' snapshots are not counted: for them
 * AWS's refusal is waited out.
 */
export async function findRoom(run: BackupRun, region: string, attempts: readonly Attempt[]): Promise<Room> {
  const volumes = attempts.filter(({ rows }) => rows.every(({ service }) => service === 'ebs'));
  if (volumes.length === 0) return { waiting: [], lookAt: null };
  const now = run.context.clock.now();
  const { pending, recent } = await readPending(run, region, now);
  const most = run.context.pendingSnapshots;
  let free = most - pending;
  let lookAt: Instant | null = null;
  const later = (at: Instant) => void (lookAt = lookAt === null ? at : (Math.min(lookAt, at) as Instant));
  const waiting = volumes.filter(({ rows }) => {
    const latest = Math.max(...rows.map(({ sourceId }) => recent.get(sourceId) ?? -Infinity));
    if (Number.isFinite(latest)) {
      later(addMs(latest as Instant, VOLUME_SPACING_MS));
      return true;
    }
    // What alone is more than AWS takes is AWS's to judge, once nothing else is pending.
    const fits = free >= rows.length || free === most;
    if (fits) free -= rows.length;
    else later(addMs(now, LOOK_AGAIN_MS));
    return !fits;
  });
  await tellOnce(run, region, waiting);
  return { waiting, lookAt };
}

type Pending = { readonly pending: number; readonly recent: ReadonlyMap<string, Instant> };

/** Only what is pending or of a running backup is looked at: of millions of records a handful. */
async function readPending({ context, backup }: BackupRun, region: string, now: Instant): Promise<Pending> {
  const since = new Date(now - VOLUME_SPACING_MS).toISOString();
  const { rows } = await sql<{ volume: string; isPending: boolean; startedAt: Instant | null }>`
    select source_id as volume, true as "isPending", started_at as "startedAt" from snapshots
      where account_id = ${backup.accountId} and region = ${region} and state = 'pending' and service = 'ebs'
    union all
    select source_id, false, snapshots.started_at from backups join snapshots on snapshots.backup_id = backups.id
      where backups.ended_at is null and backups.account_id = ${backup.accountId} and region = ${region}
        and service = 'ebs' and snapshots.started_at > ${since} and state <> 'pending'`.execute(context.db);
  const pending = rows.filter(({ isPending }) => isPending).length;
  const recent = new Map<string, Instant>();
  for (const { volume, startedAt } of rows) {
    if (startedAt !== null && startedAt > now - VOLUME_SPACING_MS) {
      recent.set(volume, Math.max(recent.get(volume) ?? 0, startedAt) as Instant);
    }
  }
  return { pending, recent };
}

/** Once a backup and region: an hour in line must not flood the log. */
async function tellOnce({ context, job, backup }: BackupRun, region: string, waiting: readonly Attempt[]) {
  if (waiting.length === 0) return;
  const count = waiting.reduce((sum, { rows }) => sum + rows.length, 0);
  const why = `AWS takes ${context.pendingSnapshots} pending at once, and those of one volume 15 s apart`;
  await job.transactionStep(`line ${region}`, async (tx) => {
    await appendLog(tx, backup.id, context.clock.now(), [info(`${region}: ${count} snapshots wait in line: ${why}`)]);
    return null;
  });
}
