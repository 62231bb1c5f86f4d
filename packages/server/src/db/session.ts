import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import { columnTypes, sessionSettings } from './values.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

const HEARTBEAT_MS = 10_000;
const ANSWER_WITHIN_MS = 15_000;
const LONGEST_PAUSE_MS = 5_000;

/** Runs one statement on the session's own connection and answers its rows. */
export type SessionQuery = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface Session {
  /** Fails while the connection is lost: nothing is queued. */
  readonly query: SessionQuery;
  readonly isConnected: () => boolean;
  /** Ends the connection (its locks and LISTENs go with it) and stops reconnecting. */
  readonly close: () => Promise<void>;
}

export interface OpenSessionInput {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly log: Log;
  /** Runs at every connection, the first and each later one: take advisory locks and LISTEN here, catch up on what was missed. */
  readonly onConnect?: (query: SessionQuery) => Promise<void>;
  readonly onNotification?: (channel: string, payload: string) => void;
  /** Called once per lost connection: from now until the next onConnect no lock is held and no notification arrives. */
  readonly onLost?: () => void;
}

/**
 * One connection outside the pool that stays open, for LISTEN and session advisory locks. It comes back by itself after a
 * loss (0.05 s, doubling to 5 s) and asks the server for a sign of life every 10 s. The first connection must succeed:
 * its error, or that of onConnect, is thrown.
 */
export const openSession = async (input: OpenSessionInput): Promise<Session> => {
  const state: SessionState = { input, client: undefined, closed: false };
  await connect(state);
  const heartbeat = setInterval(() => void checkAlive(state), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    query: (text, values) => queryOn(state.client, text, values),
    isConnected: () => state.client !== undefined,
    close: async () => {
      state.closed = true;
      clearInterval(heartbeat);
      const client = state.client;
      state.client = undefined;
      await client?.end().catch(() => undefined);
    },
  };
};

interface SessionState {
  readonly input: OpenSessionInput;
  client: Client | undefined;
  closed: boolean;
}

const connect = async (state: SessionState): Promise<void> => {
  const { url, name, onConnect, onNotification } = state.input;
  const client = new Client({
    connectionString: url,
    application_name: name,
    types: columnTypes,
    options: sessionSettings,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: ANSWER_WITHIN_MS,
  });
  client.on('error', (error) => lose(state, client, error));
  let ended = false;
  client.on('end', () => {
    ended = true;
    lose(state, client, new Error('the connection was closed'));
  });
  client.on('notification', ({ channel, payload }) => onNotification?.(channel, payload ?? ''));
  try {
    await client.connect();
    await onConnect?.((text, values) => queryOn(client, text, values));
    if (ended) throw new Error('the connection was closed');
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  if (state.closed) await client.end();
  else state.client = client;
};

/** The end of the last statement of each connection: pg itself is going to refuse a second one beside it. */
const turns = new WeakMap<Client, Promise<unknown>>();

const queryOn = async <Row extends QueryResultRow>(
  client: Client | undefined,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> => {
  if (client === undefined) throw new Error('the database session is not connected');
  const send = () => client.query<Row>(text, [...values]);
  const answer = (turns.get(client) ?? Promise.resolve()).then(send);
  turns.set(
    client,
    answer.catch(() => undefined),
  );
  return (await answer).rows;
};

const lose = (state: SessionState, client: Client, error: unknown): void => {
  if (state.client !== client) return;
  state.client = undefined;
  // A half-open connection would keep its locks on the server: close our end for certain.
  void client.end().catch(() => undefined);
  if (state.closed) return;
  state.input.log.warn({ reason: messageOf(error) }, `database session "${state.input.name}" lost its connection`);
  state.input.onLost?.();
  void reconnect(state);
};

const reconnect = async (state: SessionState): Promise<void> => {
  for (let pauseMs = 50; !state.closed; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await delay(pauseMs, undefined, { ref: false });
    if (state.closed) return;
    try {
      await connect(state);
      state.input.log.info(`database session "${state.input.name}" is connected again`);
      return;
    } catch (error) {
      if (pauseMs >= LONGEST_PAUSE_MS)
        state.input.log.warn({ reason: messageOf(error) }, 'the database does not answer');
    }
  }
};

const checkAlive = async (state: SessionState): Promise<void> => {
  const client = state.client;
  if (client === undefined) return;
  await queryOn(client, 'select 1').catch((error: unknown) => lose(state, client, error));
};
