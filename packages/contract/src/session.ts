import { z } from 'zod';
import { id, nothing, time } from './common.ts';
import { route } from './route.ts';

export const user = z
  .object({ id, name: z.string(), email: z.string(), kind: z.enum(['root', 'independent', 'managed']) })
  .meta({ id: 'User' });

export const session = z
  .object({
    user,
    serverZone: z.string().meta({ description: 'The zone in which the server shows and takes times.' }),
    expiresAt: time,
  })
  .meta({ id: 'Session' });

export const sessions = {
  signIn: route({
    id: 'signIn',
    method: 'POST',
    path: '/session',
    summary: 'Signs in; the answer sets the session cookie.',
    access: 'public',
    body: z.strictObject({ name: z.string().max(100), password: z.string().max(256) }),
    ok: { status: 201, schema: session },
    errors: ['wrong_credentials', 'too_many_attempts'],
  }),
  show: route({
    id: 'showSession',
    method: 'GET',
    path: '/session',
    summary: 'Who is signed in.',
    access: 'session.read',
    ok: { status: 200, schema: session },
  }),
  signOut: route({
    id: 'signOut',
    method: 'DELETE',
    path: '/session',
    summary: 'Ends this session.',
    access: 'session.delete',
    ok: { status: 204, schema: nothing },
  }),
};
export type User = z.output<typeof user>;
export type Session = z.output<typeof session>;
