// One worker in a process of its own, to be killed or frozen: runs "story" jobs, whose effects a checker counts afterwards.
import { appendFileSync, readFileSync } from 'node:fs';
import type { Instant, JobId } from '@cpm/core';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import { pino } from 'pino';
import { systemClock } from '../../packages/server/src/clock.ts';
import { openDatabase } from '../../packages/server/src/db/pool.ts';
import type { Database } from '../../packages/server/src/db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../../packages/server/src/engine/job-kind.ts';
import { openNotifications } from '../../packages/server/src/engine/notifications.ts';
import { startWorker } from '../../packages/server/src/engine/worker.ts';

export type ChildInput = {
  readonly name: string;
  readonly url: string;
  /** Effects outside the database, one line each. */
  readonly effectsFile: string;
  readonly leaseMs: number;
  readonly concurrency: number;
  /** Holds "hold" jobs for ever instead of ending them. */
  readonly isVictim: boolean;
};

type Job = JobContext<Database>;
type Trx = Transaction<Database>;

const input = JSON.parse(process.env['CPM_CRASH_CHILD'] ?? '') as ChildInput;
const log = pino({ level: process.env['CPM_TEST_LOG'] ?? 'fatal' }, pino.destination(2));
const clock = systemClock();
const soon = () => (clock.now() + 20) as Instant;

const ledger = (trx: Trx, jobId: JobId, entry: string) =>
  sql`insert into ledger (job_id, entry, worker) values (${jobId}, ${entry}, ${input.name})`.execute(trx);
const setPhase = (trx: Trx, jobId: JobId, phase: string) =>
  sql`update stories set phase = ${phase} where job_id = ${jobId}`.execute(trx);

/** An effect outside: what a crash left uncertain is looked up first, as a lost answer of AWS is by its tag. */
const external = (job: Job, name: string) => {
  const line = `${job.id} ${name}\n`;
  const isUncertain = job.startedBefore(name);
  return job.step(name, () => {
    if (isUncertain && readFileSync(input.effectsFile, 'utf8').includes(line)) return 'found again';
    appendFileSync(input.effectsFile, line);
    return 'made';
  });
};

async function runStory(job: Job): Promise<JobEnd<Database>> {
  const { rows } = await sql<{ phase: string }>`select phase from stories where job_id = ${job.id}`.execute(db);
  if (rows[0]?.phase === 'starting') {
    await external(job, 'before');
    await Promise.all([0, 1, 2].map((n) => external(job, `create-${n}`)));
    return job.park(soon(), async (trx) => {
      await setPhase(trx, job.id, 'waiting');
      await ledger(trx, job.id, 'parked');
    });
  }
  await job.transactionStep('note', async (trx) => void (await ledger(trx, job.id, 'noted')));
  await external(job, 'after');
  return job.done(async (trx) => {
    await setPhase(trx, job.id, 'done');
    await ledger(trx, job.id, 'ended');
  });
}

/** Story without effects outside: for freezing, where nothing can stop an effect already on its way out. */
async function runFenced(job: Job): Promise<JobEnd<Database>> {
  for (const n of [0, 1, 2]) {
    await job.transactionStep(`note-${n}`, async (trx) => {
      await ledger(trx, job.id, `noted-${n}`);
      await sql`select pg_sleep(0.002)`.execute(trx);
    });
  }
  const { rows } = await sql<{ phase: string }>`select phase from stories where job_id = ${job.id}`.execute(db);
  if (rows[0]?.phase === 'starting') {
    return job.park(soon(), async (trx) => {
      await setPhase(trx, job.id, 'waiting');
      await ledger(trx, job.id, 'parked');
    });
  }
  return job.done(async (trx) => {
    await setPhase(trx, job.id, 'done');
    await ledger(trx, job.id, 'ended');
  });
}

async function runHold(job: Job): Promise<JobEnd<Database>> {
  if (input.isVictim) {
    await job.step('hold', async () => {
      appendFileSync(input.effectsFile, `${job.id} held\n`);
      await new Promise(() => {});
    });
  }
  appendFileSync(input.effectsFile, `${job.id} ended ${Date.now()}\n`);
  return job.done();
}

const kindOf = (run: JobKind<Database>['run']): JobKind<Database> => ({
  run,
  onFailed: async (trx, job) => void (await ledger(trx, job.id, 'failed')),
  maxAttempts: 1_000,
});

const db = await openDatabase({ url: input.url, maxConnections: 5, log });
const notifications = await openNotifications({ url: input.url, log });
const kinds = { story: kindOf(runStory), fenced: kindOf(runFenced), hold: kindOf(runHold) };
const { leaseMs, concurrency } = input;
const worker = await startWorker({ db, notifications, clock, kinds, log, leaseMs, concurrency });
process.stdout.write('ready\n');

process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => Promise.all([notifications.close(), db.destroy()]))
    .then(() => process.exit(0));
});
