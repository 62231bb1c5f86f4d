import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, type Policy } from '@cpm/contract';
import type { BackupId, PolicyId } from '@cpm/core';
import type { Thing } from '../../flows/support/simulated-aws.ts';
import type { Scene } from './scenario.ts';

const SNAPSHOTS = new Set(['snapshot', 'db-snapshot', 'db-cluster-snapshot', 'redshift-snapshot']);

/** The newest backup of a policy that was started at that time or later; null where there is none. */
export async function newestBackup({ db }: Scene, { id }: Policy, since: number) {
  const found = await db
    .selectFrom('backups')
    .selectAll()
    .where('policy_id', '=', id as PolicyId)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found === undefined || found.started_at < since ? null : found;
}

/** Whether nothing is left to do for a backup that has ended, nor for what it pushed out. */
export async function hasSettled({ db, clock }: Scene, { id }: Policy): Promise<boolean> {
  const open = await db
    .selectFrom('jobs')
    .select(['state', 'wake_at as wakeAt'])
    .where('kind', '=', 'apply-retention')
    .where('subject_id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .execute();
  return open.every(({ state, wakeAt }) => state === 'waiting' && wakeAt > clock.now());
}

/** How many of a backup's snapshots are on record as completed. */
export async function completedOf({ db }: Scene, backupId: BackupId): Promise<number> {
  const rows = await db
    .selectFrom('snapshots')
    .select('id')
    .where('backup_id', '=', backupId)
    .where('state', '=', 'completed')
    .execute();
  return rows.length;
}

/** The policy's snapshots that exist in AWS. */
export async function livingOf({ aws }: Scene, { id }: Policy): Promise<Thing[]> {
  return (await aws.things()).filter(({ type, tags }) => SNAPSHOTS.has(type) && tags['cpm:policy'] === id);
}

/** Starts a policy by hand; answers the moment at which, or after which, its backup starts. */
export async function startByHand(scene: Scene, policy: Policy): Promise<number> {
  // Of two backups in the same instant neither is the newer one.
  await scene.clock.advance(60_000);
  const since = scene.clock.now();
  await scene.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  return since;
}

/** Whether the server refused, rather than that it was gone. */
export const isRefusal = (error: unknown): boolean => error instanceof ApiError;

/** So long an answer is waited for before anything else is looked at. */
export const waitABit = (): Promise<void> => delay(20);
