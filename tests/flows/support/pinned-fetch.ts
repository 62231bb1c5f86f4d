import { Agent, request } from 'node:https';

export type PinnedFetch = {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly close: () => void;
};

const NO_BODY = new Set([204, 304]);

/**
 * The same door for a server that may come back at another port: whatever address is asked for, the one is asked that the
 * server has now.
 */
export function followServer(door: PinnedFetch, port: () => number): PinnedFetch {
  const current = (text: string) => {
    const url = new URL(text);
    url.port = String(port());
    return url.href;
  };
  return { ...door, fetch: (url, init) => door.fetch(current(url), init) };
}

/** A fetch that trusts one certificate (PEM) and no other: how a client meets a server that signed its own. */
export function pinnedFetch(certificate: string): PinnedFetch {
  const agent = new Agent({ ca: certificate, servername: 'localhost', keepAlive: true, maxSockets: 64 });
  const fetch = (url: string, init: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init.headers).entries());
      const sent = request(url, { agent, method: init.method ?? 'GET', headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          const body = NO_BODY.has(status) ? null : Buffer.concat(chunks);
          resolve(new Response(body, { status, headers: headersOf(answer.headersDistinct) }));
        });
      });
      init.signal?.addEventListener('abort', () => sent.destroy(new Error('aborted')), { once: true });
      sent.on('error', reject);
      sent.end(typeof init.body === 'string' ? init.body : undefined);
    });
  return { fetch, close: () => agent.destroy() };
}

function headersOf(distinct: NodeJS.Dict<string[]>): [string, string][] {
  return Object.entries(distinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
}
