import { subscribe } from 'node:diagnostics_channel';
import type { ChildProcess } from 'node:child_process';
import type { ClientRequest } from 'node:http';
import { Client } from 'pg';

/** What this process is waiting for that is no clock: answers of PostgreSQL and HTTP servers, and child processes. */
export type Activity = {
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
  subscribe('child_process', (message) => {
    begin();
    (message as { readonly process: ChildProcess }).process.once('close', end);
  });
  return { inFlight: () => inFlight, idle, begun: () => begun };
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
