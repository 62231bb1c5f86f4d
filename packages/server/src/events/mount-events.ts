import { EVENTS_PATH } from '@cpm/contract';
import { isCpmError } from '@cpm/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { Actor } from '../http/actor.ts';
import { API_PREFIX } from '../http/mount.ts';
import type { LiveStreams } from './live-stream.ts';

/** A stream whose session or token has ended is closed within this; it also keeps proxies from cutting a quiet stream. */
const RECHECK_MS = 15_000;

type EventParts = {
  readonly streams: LiveStreams;
  readonly identify: (request: FastifyRequest) => Promise<Actor>;
  readonly clock: Clock;
};

/** `GET /api/v1/events`: the live stream of the signed-in user (S22). */
export function mountEvents(app: FastifyInstance, { streams, identify, clock }: EventParts): void {
  app.get(`${API_PREFIX}${EVENTS_PATH}`, async (request, reply) => {
    const { userId } = await identify(request);
    const lastEventId = request.headers['last-event-id'];
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const close = streams.open(userId, raw, Array.isArray(lastEventId) ? lastEventId[0] : lastEventId);
    if (close === null) return raw.end();
    let cancel = () => {};
    const recheck = async (): Promise<void> => {
      const isOver = await identify(request).then(() => false, isSignedOut);
      if (isOver) return void raw.end();
      raw.write(': still here\n\n');
      cancel = clock.after(RECHECK_MS, () => void recheck());
    };
    cancel = clock.after(RECHECK_MS, () => void recheck());
    raw.on('close', () => {
      cancel();
      close();
    });
  });
  app.addHook('preClose', async () => streams.close());
}

/** A database that does not answer now is no reason to end a stream. */
const isSignedOut = (error: unknown): boolean =>
  isCpmError(error) && (error.code === 'not_signed_in' || error.code === 'csrf');
