import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { manualClock } from '../clock.ts';
import type { Clock, ManualClock } from '../clock.ts';
import type { Database } from '../db/schema.ts';
import { createTestDatabase } from '../db/test-database.ts';
import { asTimestamp } from '../db/values.ts';
import type { EngineTables } from './engine-tables.ts';
import type { JobKind } from './job-kind.ts';
import { enqueueJob } from './jobs.ts';
import type { NewJob } from './jobs.ts';
import { openNotifications } from './notifications.ts';
import type { Notifications } from './notifications.ts';
import { startWorker } from './worker.ts';
import type { Worker, WorkerInput } from './worker.ts';

/** Errors only: the troubles tests make on purpose are warnings. */
const log = pino({ level: process.env['CPM_TEST_LOG'] ?? 'fatal' });

/** Asks until the answer is neither false nor undefined; throws when it never is. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  withinMs = 15_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = AbortSignal.timeout(withinMs);
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined && answer !== null)
      return answer as Exclude<T, false | undefined | null>;
    if (deadline.aborted) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(5);
  }
}

/** Waits until no job runs and none is due by the clock: then only time or another enqueueing makes anything happen. */
export async function untilQuiet<DB extends EngineTables>(db: Kysely<DB>, clock: Clock, withinMs?: number) {
  const isQuiet = async () => {
    const { rows } = await sql`select from jobs where state = 'running'
      or (state = 'waiting' and wake_at <= ${asTimestamp(clock.now())}) limit 1`.execute(db);
    return rows.length === 0;
  };
  await until('no job runs and none is due', isQuiet, withinMs);
}

export type TestEngine = {
  readonly db: Kysely<Database>;
  readonly url: string;
  readonly clock: ManualClock;
  readonly notifications: Notifications;
  readonly start: (kinds: WorkerInput<Database>['kinds'], options?: Partial<WorkerInput<Database>>) => Promise<Worker>;
  readonly enqueue: (job: Partial<NewJob> & { readonly kind: string }) => ReturnType<typeof enqueueJob>;
  /** Waits until nothing runs and nothing is due. */
  readonly quiet: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** An engine on a database of its own with a clock that stands until moved; `start` adds a worker. */
export async function createTestEngine(): Promise<TestEngine> {
  const { db, url, drop } = await createTestDatabase();
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const notifications = await openNotifications({ url, log });
  const workers: Worker[] = [];
  return {
    db,
    url,
    clock,
    notifications,
    start: async (kinds, options) => {
      const worker = await startWorker({ db, notifications, clock, log, kinds, ...options });
      workers.push(worker);
      return worker;
    },
    enqueue: (job) =>
      db.transaction().execute((trx) => enqueueJob(trx, { subjectId: 'subject', ownerId: null, ...job })),
    quiet: () => untilQuiet(db, clock),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await notifications.close();
      await drop();
    },
  };
}

/** A kind whose failures are not expected to be recorded anywhere. */
export function kindOf(run: JobKind<Database>['run'], more: Partial<JobKind<Database>> = {}): JobKind<Database> {
  return { run, onFailed: async () => undefined, ...more };
}
