import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ClaimedJob } from './claim.ts';
import type { EngineTables } from './engine-tables.ts';
import { LostOwnership, releaseJob } from './ownership.ts';
import { JobCancelled, type Run } from './run.ts';

type Row = Pick<ClaimedJob, 'id' | 'epoch' | 'cancelRequested'>;

type CheckInput<DB extends EngineTables> = {
  readonly db: Kysely<DB>;
  readonly workerId: string;
  /** What runs here now. */
  readonly runs: readonly Run[];
  /** Claims that had no run at the last check; kept by the caller between checks. */
  readonly suspects: Set<string>;
};

/**
 * Compares what runs here with what the database says is this worker's: aborts runs that are lost, passes on cancellations
 * whose notification was missed, and gives back claims whose answer never arrived (without a run in two checks in a row).
 */
export async function compareWithDatabase<DB extends EngineTables>(input: CheckInput<DB>): Promise<void> {
  const { db, workerId, runs, suspects } = input;
  const { rows } = await sql<Row>`
    select id, epoch, cancel_requested as "cancelRequested" from jobs
    where worker_id = ${workerId} and state = 'running'`.execute(db);
  const owned = new Map(rows.map((row) => [claimOf(row), row]));
  for (const run of runs) {
    const row = owned.get(claimOf(run.job));
    if (row === undefined) run.abort.abort(new LostOwnership());
    else if (row.cancelRequested) run.cancel.abort(new JobCancelled());
    owned.delete(claimOf(run.job));
  }
  for (const [claim, { id, epoch }] of owned) if (suspects.has(claim)) await releaseJob(db, { id, epoch, workerId });
  suspects.clear();
  for (const claim of owned.keys()) suspects.add(claim);
}

function claimOf({ id, epoch }: Pick<ClaimedJob, 'id' | 'epoch'>): string {
  return `${id} ${epoch}`;
}
