import type { api } from '@cpm/contract';
import { cpmError, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import type { Attempts } from './attempts.ts';
import { hashPassword, needsRehash, verifyPassword } from './password.ts';
import { createSession, endSession } from './sessions.store.ts';
import { shownSession } from './shown-session.ts';
import { findUserByName, savePasswordHash } from './users.store.ts';

/** A hash of no password: an unknown name must cost the same time as a wrong password (S10). */
const nobodysHash = hashPassword('nobody has this password');

/** Signing in and out (S10 to S12). */
export function sessionRoutes(context: ServerContext, attempts: Attempts): Handlers<typeof api.sessions> {
  const { db, serverZone } = context;
  return {
    async signIn({ body, at, ip, setSession }) {
      const keys = [`name ${body.name.toLowerCase()}`, `address ${ip}`];
      attempts.check(...keys);
      // Counted before the password is looked at: a thousand guesses sent at once must not all pass the check.
      attempts.failed(...keys);
      const user = await findUserByName(db, body.name);
      const isRight = await verifyPassword(body.password, user?.passwordHash ?? (await nobodysHash));
      if (user === null || !isRight) throw cpmError('wrong_credentials');
      attempts.succeeded(...keys);
      if (needsRehash(user.passwordHash)) await savePasswordHash(db, user.id, await hashPassword(body.password));
      const { token, expiresAt } = await createSession(db, user.id, at);
      setSession(token);
      return shownSession(user, serverZone, expiresAt);
    },

    show: async ({ actor, at }) => {
      const { userId: id, name, email, kind, proof } = actor;
      return shownSession({ id, name, email, kind }, serverZone, (proof.expiresAt ?? at) as Instant);
    },

    async signOut({ actor, setSession }) {
      if (actor.proof.by === 'session') await endSession(db, actor.proof.sessionId);
      setSession(null);
    },
  };
}
