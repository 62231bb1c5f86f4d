import type { api } from '@cpm/contract';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';

/** What becomes of what a recovery made (F25). */
export function settlementRoutes(_: ServerContext): Pick<Handlers<typeof api.recoveries>, 'keep' | 'rollBack'> {
  const notYet = () => Promise.reject(new Error('not built yet'));
  return { keep: notYet, rollBack: notYet };
}
