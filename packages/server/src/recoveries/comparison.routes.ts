import type { api } from '@cpm/contract';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';

/** What was made beside what it was made of (REC-9). */
export function comparisonRoutes(_: ServerContext): Pick<Handlers<typeof api.recoveries>, 'compare'> {
  const notYet = () => Promise.reject(new Error('not built yet'));
  return { compare: notYet };
}
