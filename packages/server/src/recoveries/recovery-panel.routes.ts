import type { api } from '@cpm/contract';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';

/** What can be brought back: from a backup, and from a resource (REC-1). */
export function recoveryPanelRoutes(
  _: ServerContext,
): Pick<Handlers<typeof api.recoveries>, 'panel' | 'resources' | 'points'> {
  const notYet = () => Promise.reject(new Error('not built yet'));
  return { panel: notYet, resources: notYet, points: notYet };
}
