import type { z } from 'zod';
import type { Problem } from './common.ts';
import type { ApiRoute } from './routes.ts';

/** `GET /policies/:policyId`: how a caller names a route; no schema is loaded at run time. */
export type ApiCall = `${ApiRoute['method']} ${ApiRoute['path']}`;
export type KnownCall = { [R in ApiRoute as `${R['method']} ${R['path']}`]: R };
type RouteOf<Call extends keyof KnownCall> = KnownCall[Call];

type PartIn<Route, Part extends string> = Route extends { readonly [Key in Part]: infer S extends z.ZodType }
  ? { readonly [Key in Part]: z.input<S> }
  : unknown;
type QueryIn<Route> = Route extends { readonly query: infer S extends z.ZodType }
  ? { readonly query?: { [Key in keyof z.input<S>]?: string | number | undefined } }
  : unknown;

/** What a call needs: path parameters, query and body as the route asks for them. */
export type CallInput<Call extends keyof KnownCall> = PartIn<RouteOf<Call>, 'params'> &
  QueryIn<RouteOf<Call>> &
  PartIn<RouteOf<Call>, 'body'> & { readonly idempotencyKey?: string; readonly signal?: AbortSignal };
export type CallReply<Call extends keyof KnownCall> = z.output<RouteOf<Call>['ok']['schema']>;

/** The server said no: its problem document, or what stood in for one. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** The server could not be reached, or something that is not CPM answered. */
export class UnreachableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UnreachableError';
  }
}

export type ClientOptions = {
  /** Ends with `/api/v1`. */
  readonly baseUrl: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly headers?: () => Record<string, string>;
};

export type Client = <Call extends keyof KnownCall>(call: Call, input: CallInput<Call>) => Promise<CallReply<Call>>;

/** A typed caller of the API; rejects with `ApiError` or `UnreachableError`. */
export function createClient(options: ClientOptions): Client {
  return async (call, input) => {
    const [method = 'GET', path = '/'] = call.split(' ');
    const parts = input as LooseInput;
    const init: RequestInit = {
      method,
      headers: {
        accept: 'application/json',
        'x-cpm-request': '1',
        ...(parts.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(parts.idempotencyKey === undefined ? {} : { 'idempotency-key': parts.idempotencyKey }),
        ...options.headers?.(),
      },
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      ...(parts.signal === undefined ? {} : { signal: parts.signal }),
    };
    const response = await send(
      options,
      `${options.baseUrl}${fillPath(path, parts.params)}${queryText(parts.query)}`,
      init,
    );
    return (await readReply(response)) as never;
  };
}

type LooseInput = {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string | number | undefined>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
};

async function send(options: ClientOptions, url: string, init: RequestInit): Promise<Response> {
  try {
    return await options.fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new UnreachableError(`The server at ${new URL(url, 'https://localhost').host} cannot be reached.`, error);
  }
}

async function readReply(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await response.text();
  const reply = parseJson(text);
  if (reply === undefined) throw new UnreachableError(`What answered (HTTP ${response.status}) is not CPM.`);
  if (!response.ok) throw new ApiError(reply as Problem);
  return reply;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fillPath(path: string, params: Record<string, string> = {}): string {
  return path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
}

function queryText(query: LooseInput['query'] = {}): string {
  const set = Object.entries(query).filter(
    (pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== '',
  );
  return set.length === 0
    ? ''
    : `?${new URLSearchParams(set.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}
