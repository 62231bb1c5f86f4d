import type { QueryResultRow } from 'pg';
import type { Cancel } from '../clock.ts';
import type { Log } from '../db/log.ts';
import { openSession } from '../db/session.ts';
import type { SessionQuery } from '../db/session.ts';

export type Listener = {
  /** One notification of the channel. */
  readonly heard: (payload: string) => void;
  /** The connection was lost and is back: whatever was sent meanwhile is not heard any more, so look for yourself. */
  readonly missed: () => void;
};

/** The process's one connection to PostgreSQL outside the pool: for LISTEN, and for locks that show who is alive. */
export type Notifications = {
  /** Hears the channel from now on, through every loss of the connection. */
  readonly listen: (channel: string, listener: Listener) => Promise<Cancel>;
  /** Does the work now and again at each later connection, before anybody is told that it is back. */
  readonly atEachConnection: (work: (query: SessionQuery) => Promise<void>) => Promise<Cancel>;
  /** Fails while the connection is lost. */
  readonly query: SessionQuery;
  readonly isConnected: () => boolean;
  readonly close: () => Promise<void>;
};

/** Opens the connection; the first one must succeed, later ones are retried for as long as it takes. */
export async function openNotifications({ url, log }: { url: string; log: Log }): Promise<Notifications> {
  const listeners = new Map<string, Set<Listener>>();
  const works = new Set<(query: SessionQuery) => Promise<void>>();
  const onConnect = async (query: SessionQuery) => {
    for (const channel of listeners.keys()) await query(`listen ${quoted(channel)}`);
    for (const work of works) await work(query);
    for (const ofChannel of listeners.values()) for (const { missed } of ofChannel) missed();
  };
  const onNotification = (channel: string, payload: string) => {
    for (const { heard } of listeners.get(channel) ?? []) heard(payload);
  };
  const session = await openSession({ url, name: 'cpm notifications', log, onConnect, onNotification });

  // The connection takes one statement at a time.
  let last: Promise<unknown> = Promise.resolve();
  const query: SessionQuery = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => {
    const answer = last.then(() => session.query<Row>(text, values));
    last = answer.catch(() => undefined);
    return answer;
  };
  const listen: Notifications['listen'] = async (channel, listener) => {
    const known = listeners.get(channel);
    if (known !== undefined) known.add(listener);
    else {
      listeners.set(channel, new Set([listener]));
      await query(`listen ${quoted(channel)}`);
    }
    return () => void listeners.get(channel)?.delete(listener);
  };
  const atEachConnection: Notifications['atEachConnection'] = async (work) => {
    works.add(work);
    await work(query);
    return () => void works.delete(work);
  };
  const { isConnected, close } = session;
  return { listen, atEachConnection, query, isConnected, close };
}

function quoted(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}
