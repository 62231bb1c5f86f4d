import type { api, ApiToken } from '@cpm/contract';
import { addMs, DAY_MS, formatInstant, parseTokenId, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { createToken, deleteToken, listTokens, type TokenRow } from './tokens.store.ts';

/** API tokens of the signed-in user (S56). */
export function tokenRoutes({ db }: ServerContext): Handlers<typeof api.tokens> {
  return {
    async list({ actor, query }) {
      const page = await listTokens(db, actor.userId, query);
      return { ...page, items: page.items.map(shown) };
    },

    async create({ actor, body, at }) {
      const { name, expiresInDays } = body;
      const expiresAt = expiresInDays === null ? null : addMs(at, expiresInDays * DAY_MS);
      const made = await createToken(db, { ownerId: actor.userId, name, at, expiresAt });
      return { token: shown(made.token), secret: made.secret };
    },

    remove: ({ actor, params }) => deleteToken(db, actor.userId, parseTokenId(params.tokenId)),
  };
}

const iso = (at: Instant | null) => (at === null ? null : formatInstant(at));

const shown = ({ createdAt, expiresAt, lastUsedAt, ...token }: TokenRow): ApiToken => ({
  ...token,
  createdAt: formatInstant(createdAt),
  expiresAt: iso(expiresAt),
  lastUsedAt: iso(lastUsedAt),
});
