import { createClient } from '@cpm/contract/client';
import type { Surroundings } from '../surroundings.ts';
import { readLogin, writeLogin, type StoredLogin } from './config-file.ts';
import { createHttpsFetch } from './https-fetch.ts';

/** Stores the login; the token that an earlier login at the same server made is ended, so that none is left behind. */
export async function keepLogin({ io, print }: Pick<Surroundings, 'io' | 'print'>, login: StoredLogin): Promise<void> {
  const before = await readLogin(io.env).catch(() => null);
  const path = await writeLogin(io.env, login);
  print.note(`Signed in to ${login.server} as ${login.user}; the token is kept in ${path}.`);
  if (before?.tokenId && before.server === login.server && before.user === login.user) {
    await endToken(login, before.tokenId).catch(() =>
      print.note('The token of the login before could not be ended; see cpm token list.'),
    );
  }
}

/** Ends a token in the server. */
export async function endToken(login: StoredLogin, tokenId: string): Promise<void> {
  const api = createClient({
    baseUrl: `${login.server}/api/v1`,
    fetch: createHttpsFetch(new URL(login.server), login.trust),
    headers: () => ({ authorization: `Bearer ${login.token}` }),
  });
  await api('DELETE /tokens/:tokenId', { params: { tokenId } });
}
