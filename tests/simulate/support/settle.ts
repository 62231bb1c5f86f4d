import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from 'pg';
import type { ManualClock } from '../../../packages/server/src/clock.ts';
import { unwatchedDelay, watchActivity, watchOnly } from './activity.ts';

/** So many turns of the event loop without anything on its way: what was answered has been dealt with. */
const QUIET_TURNS = 3;
/** A running job that has done nothing for so long waits for the clock. */
const QUIET_MS = 3;
/** Work that is due but not begun for so long waits for a place, not for a notification. */
const PATIENCE_MS = 100;
/** A script lives in real time: the clock stands until it is over and on record. */
const SCRIPT_MS = 30_000;

/** A request of a person during which nothing happens for so long is itself waiting for the clock. */
const STALLED_MS = 300;

type Stored = { readonly running: number; readonly scripts: number; readonly next: Date | null };

export type Driver = {
  /** Waits in real time until everything that can happen without time passing has happened. */
  readonly settle: () => Promise<void>;
  /** Lets time pass up to so many ms after the start, settling at each thing that falls due on the way. */
  readonly moveTo: (elapsedMs: number) => Promise<void>;
  /** What a person asks of the server: time passes only where the answer waits for it, such as between two tries of a call. */
  readonly ask: <T>(request: Promise<T>) => Promise<T>;
  /** How often it settled. */
  readonly settled: () => number;
  readonly close: () => Promise<void>;
};

type DriverInput = {
  readonly url: string;
  readonly clock: ManualClock;
  /** Whether a server is there to hear of what is due. */
  readonly isRunning: () => boolean;
  /** Called whenever time has passed and all that follows has happened. */
  readonly onSettled: () => void;
};

/**
 * Moves the one clock of server and simulator from event to event: never while a statement, a request or a process is under
 * way, so that whatever happens at one moment of the clock depends on what is due then and not on how fast the machine is.
 */
export async function createDriver({ url, clock, isRunning, onSettled }: DriverInput): Promise<Driver> {
  const activity = watchActivity();
  const client = new Client({ connectionString: url, application_name: 'watcher' });
  watchOnly(client);
  await client.connect();
  let count = 0;

  const untilQuiet = async () => {
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await activity.idle();
      const before = activity.begun();
      await nextTurn();
      quiet = !activity.isBusy() && activity.begun() === before ? quiet + 1 : 0;
    }
  };
  /** Jobs at work, and when the next stored thing is due: what the server's own timer must be set to. */
  const look = async (): Promise<Stored> =>
    (await client.query<Stored>(NEXT)).rows[0] ?? { running: 0, scripts: 0, next: null };

  const settle = async () => {
    count += 1;
    for (let isStill = false; !isStill;) {
      await untilQuiet();
      const before = activity.begun();
      const { running, scripts, next } = await look();
      await nextTurn();
      if (activity.isBusy() || activity.begun() !== before) continue;
      if (!isRunning()) return;
      const isHeard = () => next === null || isCovered(next.getTime(), clock);
      isStill = await staysQuiet(before, () => patienceFor({ running, scripts, isHeard: isHeard() }));
    }
  };
  /** Whether nothing is begun for so long: a script's end goes on record, and the next look sees that. */
  const staysQuiet = async (before: number, patienceMs: () => number): Promise<boolean> => {
    for (let waitedMs = 0; waitedMs < patienceMs(); waitedMs += 1) {
      await unwatchedDelay(1);
      if (activity.isBusy() || activity.begun() !== before) return false;
    }
    return true;
  };
  const moveTo = async (elapsedMs: number) => {
    await settle();
    onSettled();
    while (clock.monotonicMs() < elapsedMs) {
      const leftMs = elapsedMs - clock.monotonicMs();
      await clock.advance(Math.min(clock.nextDueInMs() ?? leftMs, leftMs));
      await settle();
      onSettled();
    }
  };
  const ask = async <T>(request: Promise<T>): Promise<T> => {
    const over = request.then(() => true);
    let isOver = false;
    for (let begun = activity.begun(), stalledMs = 0; !isOver; stalledMs += 1) {
      isOver = await Promise.race([over, unwatchedDelay(1, false)]);
      if (activity.begun() !== begun || activity.inFlight() > 1) stalledMs = 0;
      begun = activity.begun();
      if (isOver || stalledMs < STALLED_MS) continue;
      await clock.advance(clock.nextDueInMs() ?? 0);
      onSettled();
      stalledMs = 0;
    }
    return request;
  };
  return { settle, moveTo, ask, settled: () => count, close: () => client.end() };
}

type Circumstances = Pick<Stored, 'running' | 'scripts'> & { readonly isHeard: boolean };

function patienceFor({ running, scripts, isHeard }: Circumstances): number {
  if (scripts > 0) return SCRIPT_MS;
  if (!isHeard) return PATIENCE_MS;
  return running > 0 ? QUIET_MS : 0;
}

/** Whether a timer of the server stands at that time or before it: if not, a notification is still on its way. */
function isCovered(next: number, clock: ManualClock): boolean {
  const inMs = clock.nextDueInMs();
  return next > clock.now() && inMs !== null && clock.now() + inMs <= next;
}

const NEXT = `select (select count(*)::int from jobs where state = 'running') as running,
  (select count(*)::int from backup_scripts where ended_at is null and pid is not null) as scripts,
  least((select min(wake_at) from jobs where state = 'waiting'), (select min(next_due_at) from schedules)) as next`;
