import type { BackupId, Instant, ScriptStep, UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';

/** What is known of one script of a backup; `started` until its end is recorded. */
export type ScriptRecord = {
  readonly id: string;
  readonly backupId: BackupId;
  readonly step: ScriptStep;
  readonly runner: 'server' | 'ssm';
  /** What it was told; '' for "before". */
  readonly argument: string;
  readonly state: 'started' | 'succeeded' | 'failed';
  readonly reason: string | null;
  readonly exitCode: number | null;
  readonly output: string | null;
  readonly pid: number | null;
  readonly pidStarted: string | null;
  /** Systems Manager's ids of what was sent, divided by commas. */
  readonly commandId: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
};

/** How a script ended; `reason` is null when it succeeded. */
export type ScriptEnd = {
  readonly ended: 'succeeded' | 'failed';
  readonly reason: string | null;
  readonly exitCode: number | null;
  readonly errorOutput: string | null;
};

const columns = [
  'id',
  'backup_id as backupId',
  'step',
  'runner',
  'argument',
  'state',
  'reason',
  'exit_code as exitCode',
  'output',
  'pid',
  'pid_started as pidStarted',
  'command_id as commandId',
  'started_at as startedAt',
  'ended_at as endedAt',
] as const;

/** A backup's scripts in the order of their start, for its owner. */
export async function listScriptRecords(
  db: Kysely<Database>,
  ownerId: UserId,
  backupId: BackupId,
): Promise<ScriptRecord[]> {
  return db
    .selectFrom('backup_scripts')
    .select(columns)
    .where('owner_id', '=', ownerId)
    .where('backup_id', '=', backupId)
    .orderBy('started_at')
    .orderBy('step', 'desc')
    .execute();
}

/** One step's record for the backup's job; null before it was recorded. */
export async function findScriptRecord(
  db: Kysely<Database>,
  backupId: BackupId,
  step: ScriptStep,
): Promise<ScriptRecord | null> {
  const row = await db
    .selectFrom('backup_scripts')
    .select(columns)
    .where('backup_id', '=', backupId)
    .where('step', '=', step)
    .executeTakeFirst();
  return row ?? null;
}

export type NewScriptRecord = {
  readonly id: string;
  readonly ownerId: UserId;
  readonly backupId: BackupId;
  readonly step: ScriptStep;
  readonly runner: 'server' | 'ssm';
  readonly argument: string;
  readonly startedAt: Instant;
};

/**
 * Records that a script is about to start, in the caller's transaction: committed before it does (I5). False when the step is
 * on record already, which changes nothing.
 */
export async function saveScriptStart(tx: Kysely<Database>, record: NewScriptRecord): Promise<boolean> {
  const saved = await tx
    .insertInto('backup_scripts')
    .values({
      id: record.id,
      owner_id: record.ownerId,
      backup_id: record.backupId,
      step: record.step,
      runner: record.runner,
      argument: record.argument,
      state: 'started',
      started_at: asTimestamp(record.startedAt),
    })
    .onConflict((conflict) => conflict.columns(['backup_id', 'step']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return saved !== undefined;
}

/** Records which process a running script is since when, so that it can be found after a crash. */
export async function saveScriptProcess(
  db: Kysely<Database>,
  id: string,
  { pid, started, at }: { readonly pid: number; readonly started: string | null; readonly at: Instant },
): Promise<void> {
  await db
    .updateTable('backup_scripts')
    .set({ pid, pid_started: started, started_at: asTimestamp(at) })
    .where('id', '=', id)
    .execute();
}

/** Records what Systems Manager calls the commands that were sent. */
export async function saveScriptCommands(
  db: Kysely<Database>,
  id: string,
  commandIds: readonly string[],
): Promise<void> {
  await db
    .updateTable('backup_scripts')
    .set({ command_id: commandIds.join(',') })
    .where('id', '=', id)
    .execute();
}

/**
 * Records how a script ended, in the caller's transaction; an end that is on record already stays. `startedAt` is null where
 * it is not known any better than when it was put on record.
 */
export async function saveScriptEnd(
  tx: Kysely<Database>,
  id: string,
  end: ScriptEnd,
  { startedAt, at }: { readonly startedAt: Instant | null; readonly at: Instant },
): Promise<void> {
  await tx
    .updateTable('backup_scripts')
    .set({
      state: end.ended,
      reason: end.reason,
      exit_code: end.exitCode,
      output: end.errorOutput,
      ended_at: asTimestamp(at),
      ...(startedAt === null ? {} : { started_at: asTimestamp(startedAt) }),
    })
    .where('id', '=', id)
    .where('state', '=', 'started')
    .execute();
}
