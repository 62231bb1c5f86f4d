import type { Body, Params, Query, Reply, RouteDef } from '@cpm/contract';
import { cpmError, mayDo, type FieldError, type Instant, type Operation } from '@cpm/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from './actor.ts';
import type { Idempotency } from './idempotency.ts';
import { fieldErrorsOf } from './problems.ts';

export const API_PREFIX = '/api/v1';

/** What a route's handler is given: every part already checked against the contract. */
export type RouteRequest<Route extends RouteDef> = {
  readonly actor: Route['access'] extends 'public' ? null : Actor;
  readonly params: Params<Route>;
  readonly query: Query<Route>;
  readonly body: Body<Route>;
  readonly at: Instant;
  readonly ip: string;
  /** Sets the session cookie of the answer; null takes it away. */
  readonly setSession: (token: string | null) => void;
};

/** One handler a route: answers the reply of the contract or throws an error of the catalogue. */
export type Handlers<Noun extends Record<string, RouteDef>> = {
  readonly [Name in keyof Noun]: (
    request: RouteRequest<Noun[Name]>,
  ) => Promise<Reply<Noun[Name]> extends undefined ? void : Reply<Noun[Name]>>;
};

export type MountParts = {
  readonly clock: Clock;
  /** Who is asking, by cookie or token; throws `not_signed_in` or `csrf`. */
  readonly identify: (request: FastifyRequest) => Promise<Actor>;
  readonly idempotency: Idempotency;
  readonly setSession: (reply: FastifyReply, token: string | null) => void;
};

/** Puts a noun's routes on the server: sign-in, permission, validation and idempotency are the same for all of them. */
export function mountNoun<Noun extends Record<string, RouteDef>>(
  app: FastifyInstance,
  parts: MountParts,
  noun: Noun,
  handlers: Handlers<Noun>,
): void {
  for (const [name, route] of Object.entries(noun)) {
    const handler = handlers[name] as unknown as LooseHandler;
    app.route({
      method: route.method,
      url: `${API_PREFIX}${route.path}`,
      handler: (request, reply) => serve({ parts, route, handler, request, reply }),
    });
  }
}

type LooseHandler = (request: Record<string, unknown>) => Promise<unknown>;
type Served = {
  readonly parts: MountParts;
  readonly route: RouteDef;
  readonly handler: LooseHandler;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

async function serve({ parts, route, handler, request, reply }: Served): Promise<unknown> {
  const actor = route.access === 'public' ? null : await parts.identify(request);
  if (actor !== null && route.access !== 'public' && !isAllowed(actor, route.access)) throw cpmError('forbidden');
  const checked = checkParts(route, request);
  const run = async () => {
    const body = await handler({
      actor,
      ...checked,
      at: parts.clock.now(),
      ip: request.ip,
      setSession: (token: string | null) => parts.setSession(reply, token),
    });
    return { status: route.ok.status, body };
  };
  const answer =
    actor !== null && route.idempotent === true ? await parts.idempotency(actor.userId, request, run) : await run();
  void reply.code(answer.status);
  return answer.status === 204 ? reply.send() : answer.body;
}

/**
 * The gate of every route: may this role do this at all, to its own things or the installation's? Whose the thing in
 * question is, the stores see to: each statement is scoped to the owner.
 */
function isAllowed({ userId, kind }: Actor, operation: Operation): boolean {
  const actor = { userId, role: kind };
  return mayDo(actor, operation, actor) || mayDo(actor, operation, null);
}

function checkParts(route: RouteDef, request: FastifyRequest): Record<string, unknown> {
  const params = check(route.params?.strict(), request.params, 'params');
  // A malformed id names nothing: the same answer as an unknown one.
  if (params.errors.some(({ path }) => path.endsWith('Id')))
    throw cpmError('not_found', { params: { noun: nounOf(route) } });
  const query = check(route.query?.strict(), request.query, 'query');
  const body = check(route.body, request.body, 'body');
  const fields = [...params.errors, ...query.errors, ...body.errors];
  if (fields.length > 0) throw cpmError('invalid_request', { fields });
  return { params: params.value, query: query.value, body: body.value };
}

function check(
  schema: z.ZodType | undefined,
  input: unknown,
  part: 'params' | 'query' | 'body',
): { value: unknown; errors: FieldError[] } {
  if (schema === undefined) return { value: undefined, errors: [] };
  const parsed = schema.safeParse(input === undefined ? {} : input, { reportInput: true });
  if (!parsed.success) return { value: undefined, errors: fieldErrorsOf(parsed.error, part) };
  return { value: parsed.data, errors: nulErrors(parsed.data, part === 'body' ? [] : [part]) };
}

/** PostgreSQL keeps no NUL in text: refused here, once, it cannot become an error of the server anywhere. */
function nulErrors(checked: unknown, path: readonly string[]): FieldError[] {
  if (typeof checked === 'string') {
    return checked.includes('\0') ? [{ path: path.join('.'), message: 'must not hold a NUL character' }] : [];
  }
  if (typeof checked !== 'object' || checked === null) return [];
  return Object.entries(checked).flatMap(([key, value]) => nulErrors(value, [...path, key]));
}

/** `/policies/:policyId/targets` → "policy": the last id in the path. */
function nounOf(route: RouteDef): string {
  return /:(\w+)Id(?!.*:\w+Id)/.exec(route.path)?.[1] ?? 'thing';
}
