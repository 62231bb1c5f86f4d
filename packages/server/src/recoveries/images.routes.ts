import type { api } from '@cpm/contract';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';

/** AMI Assistant (REC-5). */
export function imageRoutes(_: ServerContext): Pick<Handlers<typeof api.recoveries>, 'images'> {
  const notYet = () => Promise.reject(new Error('not built yet'));
  return { images: notYet };
}
