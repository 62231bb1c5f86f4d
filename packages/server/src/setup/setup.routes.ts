import type { api } from '@cpm/contract';
import { cpmError } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import type { Attempts } from '../users/attempts.ts';
import { hashPassword } from '../users/password.ts';
import { createSession } from '../users/sessions.store.ts';
import { shownSession } from '../users/shown-session.ts';
import { createRootUser, hasRootUser } from '../users/users.store.ts';
import type { ClaimSecret } from './claim-secret.ts';

/** The one-time claim of a fresh server (S01, S02): closed for good once there is a root user. */
export function setupRoutes(
  context: ServerContext,
  attempts: Attempts,
  claimSecret: ClaimSecret,
): Handlers<typeof api.setup> {
  const { db, serverZone, log } = context;
  return {
    show: async () => ({ claimed: await hasRootUser(db) }),

    async claim({ body, at, ip, setSession }) {
      if (await hasRootUser(db)) throw cpmError('setup_done');
      const key = `claim ${ip}`;
      attempts.check(key);
      if (!claimSecret.isRight(body.secret)) {
        attempts.failed(key);
        throw cpmError('claim_wrong');
      }
      const passwordHash = await hashPassword(body.password);
      const user = await createRootUser(db, { name: body.name, email: body.email, passwordHash, at });
      log.info({ user: user.id }, 'the root user was made: this server is claimed');
      const { token, expiresAt } = await createSession(db, user.id, at);
      setSession(token);
      return shownSession(user, serverZone, expiresAt);
    },
  };
}
