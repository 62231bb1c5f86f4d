import type { EventName } from '@cpm/contract';
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

/** Which reads a change of each noun makes stale. */
const STALE_AFTER: Record<Exclude<EventName, 'resync'>, readonly string[]> = {
  backup: ['backups', 'policies', 'freezer', 'deletions'],
  recovery: ['recoveries', 'policies'],
  policy: ['policies', 'resources'],
  schedule: ['schedules', 'policies'],
  account: ['accounts'],
  alert: ['alerts'],
};
const NOUNS = Object.keys(STALE_AFTER) as (keyof typeof STALE_AFTER)[];

/** Several changes within this time make one reload. */
const GATHER_MS = 300;
const REOPEN_MS = 3_000;

type Connection = 'connecting' | 'live' | 'lost';
let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

function setConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  for (const listener of listeners) listener();
}

/** Whether what is shown is kept up to date by the server. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

/** Reloads what the server says has changed, until the returned function is called; comes back by itself when cut off. */
export function followEvents(client: QueryClient): () => void {
  const markStale = gatherStale(client);
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource('/api/v1/events');
    source.addEventListener('open', () => {
      if (connection === 'lost') markStale(null);
      setConnection('live');
    });
    source.addEventListener('error', () => {
      setConnection('lost');
      // The browser tries again by itself, except after an answer that is no event stream.
      if (source?.readyState === EventSource.CLOSED) {
        void client.invalidateQueries({ queryKey: ['session'] });
        reopening = setTimeout(open, REOPEN_MS);
      }
    });
    for (const noun of NOUNS) source.addEventListener(noun, () => markStale(STALE_AFTER[noun]));
    source.addEventListener('resync', () => markStale(null));
  };
  open();
  return () => {
    clearTimeout(reopening);
    source?.close();
    setConnection('connecting');
  };
}

/** Collects stale nouns for a moment (null: all of them), then reloads what is on the screen. */
function gatherStale(client: QueryClient): (nouns: readonly string[] | null) => void {
  const stale = new Set<string>();
  let everything = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (nouns) => {
    if (nouns === null) everything = true;
    else for (const noun of nouns) stale.add(noun);
    timer ??= setTimeout(() => {
      const [all, some] = [everything, new Set(stale)];
      timer = undefined;
      everything = false;
      stale.clear();
      void client.invalidateQueries({ predicate: ({ queryKey: [noun] }) => all || some.has(String(noun)) });
    }, GATHER_MS);
  };
}
