import { z } from 'zod';
import { name } from './common.ts';
import { route } from './route.ts';
import { session } from './session.ts';

export const password = z.string().min(8, 'at least 8 characters').max(256, 'at most 256 characters');

export const setup = {
  show: route({
    id: 'showSetup',
    method: 'GET',
    path: '/setup',
    summary: 'Whether this server still waits for its first user.',
    access: 'public',
    ok: { status: 200, schema: z.object({ claimed: z.boolean() }) },
  }),
  claim: route({
    id: 'claimServer',
    method: 'POST',
    path: '/setup/claim',
    summary: 'Makes the root user, once, with the secret that the server printed on its own console; signs in.',
    access: 'public',
    body: z.strictObject({
      secret: z.string().max(256),
      name,
      email: z.email('this is no e-mail address').max(254),
      password,
    }),
    ok: { status: 201, schema: session },
    errors: ['setup_done', 'claim_wrong', 'too_many_attempts'],
  }),
};

export const health = {
  live: route({
    id: 'live',
    method: 'GET',
    path: '/livez',
    summary: 'The server answers.',
    access: 'public',
    ok: { status: 200, schema: z.object({ status: z.literal('ok') }) },
  }),
  ready: route({
    id: 'ready',
    method: 'GET',
    path: '/readyz',
    summary: 'The database answers and work is being done.',
    access: 'public',
    ok: { status: 200, schema: z.object({ status: z.literal('ok') }) },
  }),
};
