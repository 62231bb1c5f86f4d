import { randomUUID } from 'node:crypto';
import { createClient, type Client } from '@cpm/contract';
import { parseUserId, type Instant, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../../../packages/server/src/db/schema.ts';
import { asTimestamp } from '../../../packages/server/src/db/values.ts';
import { hashPassword } from '../../../packages/server/src/users/password.ts';
import type { PinnedFetch } from './pinned-fetch.ts';

export type RawInput = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a text, which is sent as it stands. */
  readonly body?: unknown;
};

/** A signed-in user of the test server. */
export type Person = {
  readonly userId: UserId;
  readonly name: string;
  readonly password: string;
  /** `name=value` of the session cookie. */
  readonly cookie: string;
  /** An API token's secret. */
  readonly token: string;
  /** The typed client, signed in by token. */
  readonly call: Client;
  /** Any request below `/api/v1`, signed in by token unless `headers` say otherwise. */
  readonly raw: (method: string, path: string, input?: RawInput) => Promise<Response>;
};

export const PASSWORD = 'correct horse battery staple';

type Door = { readonly door: PinnedFetch };
/** The door knows the port. */
const API = 'https://localhost/api/v1';

/** Sends a request below `/api/v1` with exactly these headers (and a JSON content type where a body needs one). */
export async function send(
  { door }: Door,
  method: string,
  path: string,
  { headers = {}, body }: RawInput = {},
): Promise<Response> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return door.fetch(`${API}${path}`, {
    method,
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
}

const OWN_SCRIPT = { 'x-cpm-request': '1' };

/** Claims the server with its secret: the root user. */
export async function claimAs(at: Door, secret: string, name: string): Promise<Person> {
  const body = { secret, name, email: `${name}@example.com`, password: PASSWORD };
  return personOf(at, await send(at, 'POST', '/setup/claim', { headers: OWN_SCRIPT, body }), name);
}

/** Puts a second, independent user into the database, as there is no other way yet, and signs in. */
export async function addIndependent(at: Door, db: Kysely<Database>, name: string): Promise<Person> {
  await db
    .insertInto('users')
    .values({
      id: parseUserId(randomUUID()),
      name,
      email: `${name}@example.com`,
      kind: 'independent',
      password_hash: await hashPassword(PASSWORD),
      created_at: asTimestamp(0 as Instant),
    })
    .execute();
  const body = { name, password: PASSWORD };
  return personOf(at, await send(at, 'POST', '/session', { headers: OWN_SCRIPT, body }), name);
}

async function personOf(at: Door, answer: Response, name: string): Promise<Person> {
  if (answer.status !== 201) throw new Error(`${name} could not sign in: ${await answer.text()}`);
  const { user } = (await answer.json()) as { user: { id: string } };
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const made = await send(at, 'POST', '/tokens', { headers: { ...OWN_SCRIPT, cookie }, body: { name: 'tests' } });
  const { secret: token } = (await made.json()) as { secret: string };
  const authorization = { authorization: `Bearer ${token}` };
  return {
    userId: parseUserId(user.id),
    name,
    password: PASSWORD,
    cookie,
    token,
    call: createClient({ baseUrl: API, fetch: at.door.fetch, headers: () => authorization }),
    raw: (method, path, input = {}) =>
      send(at, method, path, { ...input, headers: { ...authorization, ...input.headers } }),
  };
}
