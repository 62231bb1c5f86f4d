import { subscribe } from 'node:diagnostics_channel';
import type { ChildProcess } from 'node:child_process';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { Client } from 'pg';
import { heldBy, onLetGo, type Spawning } from '../../flows/support/held-processes.ts';

/**
 * What this process is waiting for that is not the clock of the run: answers of PostgreSQL and HTTP servers, child processes,
 * files, and short pauses in real time.
 */
export type Activity = {
  readonly isBusy: () => boolean;
  /** How much of it is on its way, files left aside. */
  readonly inFlight: () => number;
  /** Resolves when nothing is on its way, at once where nothing is. */
  readonly idle: () => Promise<void>;
  /** Counts whatever was begun: unchanged means that nothing happened between. */
  readonly begun: () => number;
};

let inFlight = 0;
let begun = 0;
const begin = () => {
  inFlight += 1;
  begun += 1;
};
const waiting: (() => void)[] = [];
const end = () => {
  inFlight -= 1;
  if (inFlight === 0) for (const resolve of waiting.splice(0)) resolve();
};
const idle = () => (inFlight === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)));

/** Pauses that are longer belong to what goes on all the time, such as signs of life. */
const SHORT_MS = 400;
/** Pauses of whoever only watches. */
export const unwatchedDelay = timers.setTimeout;

const isReadingFiles = () => process.getActiveResourcesInfo().some((type) => type.startsWith('FSReq'));

/** Statements of this connection are not counted: whoever only watches must not look busy. */
const watchers = new WeakSet<Client>();
export const watchOnly = (client: Client): void => void watchers.add(client);

let activity: Activity | null = null;

/** Looks on, from the first call, whenever this process asks something of another one. Changes nothing of what it sees. */
export function watchActivity(): Activity {
  activity ??= startWatching();
  return activity;
}

function startWatching(): Activity {
  countCalls('query');
  countCalls('connect');
  // A request is over when its answer has been read or its connection is gone: `close` comes after either.
  subscribe('http.client.request.start', (message) => {
    begin();
    (message as { readonly request: ClientRequest }).request.once('close', end);
  });
  subscribe('tracing:child_process.spawn:start', (message) => {
    const { process, options } = message as Spawning;
    const count = () => {
      begin();
      (process as ChildProcess).once('close', end);
      return null;
    };
    const heldFd = heldBy(options);
    // One that is held back waits for something else, which may be the clock: it counts once it is let go.
    if (heldFd === null) count();
    else onLetGo(heldFd, count);
  });
  countPauses();
  return { isBusy: () => inFlight > 0 || isReadingFiles(), inFlight: () => inFlight, idle, begun: () => begun };
}

function countPauses(): void {
  const counted = <T>(
    ms?: number,
    ...rest: [value?: T, options?: Parameters<typeof unwatchedDelay>[2]]
  ): Promise<T> => {
    const pause = unwatchedDelay(ms, ...rest);
    if ((ms ?? 0) > SHORT_MS) return pause;
    begin();
    return pause.finally(end);
  };
  timers.setTimeout = counted as typeof timers.setTimeout;
  // Whoever imported it by its name gets this one from now on.
  syncBuiltinESMExports();
}

type Callback = (...results: unknown[]) => void;

/** pg tells nobody what it does: its two doors are passed through a counter. */
function countCalls(name: 'query' | 'connect'): void {
  const prototype = Client.prototype as unknown as Record<string, (...given: unknown[]) => unknown>;
  const original = prototype[name];
  if (original === undefined) throw new Error(`a client of pg has no ${name}`);
  prototype[name] = function counted(this: Client, ...given: unknown[]): unknown {
    if (watchers.has(this)) return original.apply(this, given);
    begin();
    const last = given.at(-1);
    if (typeof last === 'function') {
      const answered: Callback = (...results) => {
        end();
        (last as Callback)(...results);
      };
      return original.apply(this, [...given.slice(0, -1), answered]);
    }
    const answer = original.apply(this, given) as Promise<unknown>;
    answer.then(end, end);
    return answer;
  };
}
