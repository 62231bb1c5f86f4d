import { existsSync } from 'node:fs';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { api, openApiDocument, type RouteDef } from '@cpm/contract';
import { cpmError, formatInstant } from '@cpm/core';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { ServerContext } from '../context.ts';
import { CHANGE_CHANNEL } from '../events/announce.ts';
import { createLiveStreams } from '../events/live-stream.ts';
import { mountEvents } from '../events/mount-events.ts';
import type { Notifications } from '../engine/notifications.ts';
import type { ServerCertificate } from './certificate.ts';
import { createIdempotency } from './idempotency.ts';
import { createIdentify, refuseForeignRequest, setSessionCookie } from './identify.ts';
import { API_PREFIX, mountNoun, type Handlers, type MountParts } from './mount.ts';
import { problemOf, toCpmError } from './problems.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;

/** The handlers of every noun of the API, as main.ts puts them together. */
export type ApiHandlers = { readonly [Noun in Exclude<keyof typeof api, 'health'>]: Handlers<(typeof api)[Noun]> };

export type AppParts = {
  readonly context: ServerContext;
  readonly handlers: ApiHandlers;
  readonly notifications: Notifications;
  readonly certificate: ServerCertificate;
  /** The built console; null where there is none, then only the API answers. */
  readonly consoleDir: string | null;
};

/** The HTTPS server: console, API, live events and health, with the same errors and headers everywhere. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { context, certificate } = parts;
  const app = fastify({
    https: { key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.2' },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 30_000,
    loggerInstance: context.log.child({}, { level: 'warn' }),
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  // JSON or nothing: a form of a foreign page can send text, but not JSON, without asking first (S18).
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);
  await app.register(helmet, securityHeaders);
  answerErrors(app, context);
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith(API_PREFIX)) void reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, id } = request;
    const route = routeOptions.url ?? 'unknown';
    context.log.debug(
      { method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime), requestId: id },
      'request',
    );
  });
  await mountApi(app, parts);
  await mountConsole(app, parts.consoleDir);
  return app;
}

/** S19: no script but our own, no frame around us, nothing sniffed. The certificate is mostly self-signed: no HSTS. */
const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      // The console's components set positions and sizes as style attributes; they cannot load or run anything.
      styleSrcAttr: ["'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  hsts: false,
  frameguard: { action: 'deny' as const },
  referrerPolicy: { policy: 'no-referrer' as const },
};

function answerErrors(app: FastifyInstance, { log }: ServerContext): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = toCpmError(thrown);
    if (error.httpStatus >= 500)
      log.error({ err: error.cause ?? error, requestId: request.id, route: request.routeOptions.url }, error.message);
    void reply.code(error.httpStatus).type('application/problem+json').send(problemOf(error, request.id));
  });
}

async function mountApi(app: FastifyInstance, parts: AppParts): Promise<void> {
  const { context, handlers, notifications } = parts;
  const { db, clock } = context;
  const mount: MountParts = {
    clock,
    identify: createIdentify(db, clock),
    idempotency: createIdempotency(db, clock),
    setSession: setSessionCookie,
  };
  // Signing in and claiming set a cookie: they must not be sent by a foreign page either.
  app.addHook('preHandler', async (request) => {
    if (request.url.startsWith(API_PREFIX) && request.headers.authorization === undefined)
      refuseForeignRequest(request);
  });
  for (const [noun, routes] of Object.entries(api) as [keyof typeof api, Record<string, RouteDef>][]) {
    const nounHandlers = noun === 'health' ? healthHandlers(context, notifications) : handlers[noun];
    mountNoun(app, mount, routes, nounHandlers as Handlers<Record<string, RouteDef>>);
  }
  const document = openApiDocument();
  app.get(`${API_PREFIX}/openapi.json`, async () => document);
  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', () => healthHandlers(context, notifications).ready());
  const streams = createLiveStreams(formatInstant(clock.now()));
  await notifications.listen(CHANGE_CHANNEL, { heard: streams.publish, missed: streams.resync });
  mountEvents(app, { streams, identify: mount.identify, clock });
}

function healthHandlers({ db }: ServerContext, notifications: Notifications) {
  return {
    live: async () => ({ status: 'ok' as const }),
    ready: async () => {
      if (!notifications.isConnected()) throw cpmError('database_unavailable');
      await sql`select 1`.execute(db);
      return { status: 'ok' as const };
    },
  };
}

/** The console's files; every path that is no file is a page of the console, which the browser finds by itself. */
async function mountConsole(app: FastifyInstance, consoleDir: string | null): Promise<void> {
  const hasConsole = consoleDir !== null && existsSync(consoleDir);
  if (hasConsole) {
    const isHashed = (path: string) => path.includes('/assets/');
    await app.register(fastifyStatic, {
      root: consoleDir,
      cacheControl: false,
      setHeaders: (reply, path) =>
        void reply.header('cache-control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache'),
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith('/api/') && !request.url.startsWith('/assets/');
    if (hasConsole && isPage) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    throw cpmError('not_found', { params: { noun: 'address' } });
  });
}
