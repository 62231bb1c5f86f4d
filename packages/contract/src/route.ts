import type { ErrorCode, Operation } from '@cpm/core';
import type { z } from 'zod';

/** One address of the API: what goes in, what comes out, who may call it. Everything else is derived from these. */
export type RouteDef = {
  /** Unique, camelCase; the OpenAPI operationId. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`; parameters as `:name`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** `public`: without signing in; everything else names its operation in core's permission table. */
  readonly access: 'public' | Operation;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly ok: { readonly status: 200 | 201 | 202 | 204; readonly schema: z.ZodType };
  /** The errors of the catalogue that this route may answer beside those every route has. */
  readonly errors?: readonly ErrorCode[];
  /** True for creates: the header `Idempotency-Key` makes a repeated request answer as the first did. */
  readonly idempotent?: boolean;
};

/** Keeps the literal types of one route, so that server, client and command line infer from it. */
export const route = <const Route extends RouteDef>(definition: Route): Route => definition;

type Schema<Route, Part extends string> = Route extends { readonly [Key in Part]: infer S extends z.ZodType }
  ? S
  : never;

export type Params<Route> = [Schema<Route, 'params'>] extends [never] ? undefined : z.output<Schema<Route, 'params'>>;
export type Query<Route> = [Schema<Route, 'query'>] extends [never] ? undefined : z.output<Schema<Route, 'query'>>;
export type Body<Route> = [Schema<Route, 'body'>] extends [never] ? undefined : z.output<Schema<Route, 'body'>>;
export type Reply<Route extends RouteDef> = z.input<Route['ok']['schema']>;
