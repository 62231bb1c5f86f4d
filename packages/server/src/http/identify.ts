import { cpmError } from '@cpm/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/schema.ts';
import { ABSOLUTE_MS, findSession } from '../users/sessions.store.ts';
import { findTokenUser } from '../users/tokens.store.ts';
import type { Actor } from './actor.ts';

export const SESSION_COOKIE = '__Host-cpm';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Who is asking: an API token in `Authorization: Bearer`, or the session cookie; throws `not_signed_in` or `csrf`. */
export function createIdentify(db: Kysely<Database>, clock: Clock): (request: FastifyRequest) => Promise<Actor> {
  return async (request) => {
    const [, bearer] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (bearer !== undefined) return byToken(db, bearer, clock);
    const cookie = request.cookies[SESSION_COOKIE];
    if (cookie === undefined) throw cpmError('not_signed_in');
    refuseForeignRequest(request);
    return bySession(db, cookie, clock);
  };
}

async function byToken(db: Kysely<Database>, secret: string, clock: Clock): Promise<Actor> {
  const found = await findTokenUser(db, secret, clock.now());
  if (found === null) throw cpmError('not_signed_in');
  const { id: userId, ...user } = found.user;
  return { userId, ...user, proof: { by: 'token', tokenId: found.tokenId, expiresAt: found.expiresAt } };
}

async function bySession(db: Kysely<Database>, cookie: string, clock: Clock): Promise<Actor> {
  const found = await findSession(db, cookie, clock.now());
  if (found === null) throw cpmError('not_signed_in');
  const { id: userId, ...user } = found.user;
  return { userId, ...user, proof: { by: 'session', sessionId: found.id, expiresAt: found.expiresAt } };
}

/**
 * A browser sends the cookie along with any page's request. A change must carry a header that only our own script can set
 * and, where the browser names the origin, come from this server (S18).
 */
export function refuseForeignRequest(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `https://${host}`) throw cpmError('csrf');
  if (SAFE_METHODS.has(request.method)) return;
  if (request.headers['x-cpm-request'] !== '1') throw cpmError('csrf');
}

/** Sets or takes away the session cookie (S13). */
export function setSessionCookie(reply: FastifyReply, token: string | null): void {
  const options = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;
  if (token === null) void reply.clearCookie(SESSION_COOKIE, options).header('clear-site-data', '"cache", "storage"');
  else void reply.setCookie(SESSION_COOKIE, token, { ...options, maxAge: ABSOLUTE_MS / 1000 });
}
