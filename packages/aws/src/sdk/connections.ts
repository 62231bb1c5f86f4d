import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { refuseForeignAnswers } from './foreign-answers.ts';
import type { ConnectionSettings } from './settings.ts';

/** The connections that all clients of all accounts share. */
export type Connections = {
  readonly handler: NodeHttpHandler;
  /** Opens connections to the endpoint up to that number; unreachable ones are left for the calls to find. */
  readonly warm: (endpoint: URL, count: number) => Promise<void>;
  readonly close: () => void;
};

const WARM_TIMEOUT_MS = 2_000;

/** One keep-alive agent for each protocol: an agent of each client's own would meet every burst with handshakes. */
export function openConnections(settings: ConnectionSettings): Connections {
  const options = { keepAlive: true, maxSockets: settings.maxSockets, timeout: settings.idleMs };
  const httpAgent = new HttpAgent(options);
  const httpsAgent = new HttpsAgent(options);
  const plain = new NodeHttpHandler({
    httpAgent,
    httpsAgent,
    connectionTimeout: settings.connectTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    socketTimeout: settings.requestTimeoutMs,
    throwOnRequestTimeout: true,
  });
  const handler = refuseForeignAnswers(plain);
  const touch = (endpoint: URL) =>
    new Promise<void>((resolve) => {
      const secure = endpoint.protocol === 'https:';
      const request = (secure ? httpsRequest : httpRequest)({
        agent: secure ? httpsAgent : httpAgent,
        host: endpoint.hostname.replace(/^\[|\]$/g, ''),
        port: endpoint.port === '' ? undefined : Number(endpoint.port),
        // Unsigned and without an action: it opens a connection and counts against no limit of the account.
        // Not HEAD: servers tend to close the connection after one.
        method: 'GET',
        path: '/',
        timeout: WARM_TIMEOUT_MS,
      });
      request.once('response', (response) => response.resume().once('close', resolve));
      request.once('timeout', () => request.destroy());
      request.once('error', () => resolve());
      request.once('close', () => resolve());
      request.end();
    });
  return {
    handler,
    warm: async (endpoint, count) => {
      // What was asked together with this goes on the wire first.
      await nextTurn();
      await Promise.all(Array.from({ length: Math.min(count, settings.maxSockets) }, () => touch(endpoint)));
    },
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}
