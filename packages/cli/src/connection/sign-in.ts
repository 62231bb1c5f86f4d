import { hostname, userInfo } from 'node:os';
import { ApiError, createClient, type Client } from '@cpm/contract/client';
import { createHttpsFetch } from './https-fetch.ts';
import type { Trust } from './trust.ts';

const NAME_LENGTH = 64;
const MOST_TOKENS = 50;

/** The API without a token: it keeps the session cookie that a sign-in sets. `bearer` signs in with a token instead. */
export function sessionClient(server: URL, trust: Trust, bearer?: string): Client {
  const fetch = createHttpsFetch(server, trust);
  const cookies = new Map<string, string>();
  return createClient({
    baseUrl: `${server.origin}/api/v1`,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
      return response;
    },
    headers: () => ({
      ...(cookies.size === 0
        ? {}
        : { origin: server.origin, cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    }),
  });
}

/** Makes an API token named after this user and computer; takes the next free name when there is one already. */
export async function makeToken(
  api: Client,
  expiresInDays: number | null | undefined,
): Promise<{ readonly id: string; readonly secret: string }> {
  for (let turn = 1; ; turn += 1) {
    try {
      const body = { name: tokenName(turn), ...(expiresInDays === undefined ? {} : { expiresInDays }) };
      const { token, secret } = await api('POST /tokens', { body });
      return { id: token.id, secret };
    } catch (error) {
      const isTaken = error instanceof ApiError && error.problem.code === 'conflict_name_taken';
      if (!isTaken || turn >= MOST_TOKENS) throw error;
    }
  }
}

function tokenName(turn: number): string {
  const end = turn === 1 ? '' : ` (${turn})`;
  return `cpm ${userInfo().username}@${hostname()}`.slice(0, NAME_LENGTH - end.length) + end;
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const at = pair.indexOf('=');
  if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
}
