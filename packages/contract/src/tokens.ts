import { z } from 'zod';
import { id, name, nothing, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

export const token = z
  .object({
    id,
    name: z.string(),
    prefix: z.string().meta({ description: 'The first characters, to tell tokens apart.' }),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable(),
  })
  .meta({ id: 'ApiToken' });

export const tokens = {
  list: route({
    id: 'listTokens',
    method: 'GET',
    path: '/tokens',
    summary: 'The API tokens of the signed-in user, newest first.',
    access: 'token.read',
    query: pageQuery,
    ok: { status: 200, schema: pageOf(token) },
  }),
  create: route({
    id: 'createToken',
    method: 'POST',
    path: '/tokens',
    summary: 'Makes an API token; the answer shows it once and never again.',
    access: 'token.create',
    body: z.strictObject({
      name,
      expiresInDays: z.number().int().min(1).max(3650).nullable().default(365),
    }),
    ok: { status: 201, schema: z.object({ token, secret: z.string() }) },
    errors: ['conflict_name_taken'],
  }),
  remove: route({
    id: 'deleteToken',
    method: 'DELETE',
    path: '/tokens/:tokenId',
    summary: 'Ends a token at once.',
    access: 'token.delete',
    params: z.object({ tokenId: id }),
    ok: { status: 204, schema: nothing },
  }),
};
export type ApiToken = z.output<typeof token>;
