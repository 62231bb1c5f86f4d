import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientOptions } from '@cpm/contract/client';
import { openTrusted, type Trust } from './trust.ts';

const ANSWER_TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

type Fetch = ClientOptions['fetch'];

/** `fetch` over connections on which the server has proven itself as `trust` asks; redirects are not followed. */
export function createHttpsFetch(server: URL, trust: Trust): Fetch {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  agent.createConnection = (_options, connected) => {
    if (connected !== undefined) void openFor(server, trust, connected);
    return undefined;
  };
  return (url, init) => send(new URL(url), init, agent);
}

type Connected = (error: Error | null, socket: Duplex) => void;

async function openFor(server: URL, trust: Trust, connected: Connected): Promise<void> {
  try {
    connected(null, await openTrusted(server, trust));
  } catch (error) {
    // Node passes no stream along with an error, whatever its types say.
    connected(error as Error, undefined as never);
  }
}

function send(url: URL, init: RequestInit, agent: Agent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const body = typeof init.body === 'string' ? Buffer.from(init.body) : undefined;
    const call = request(url, {
      agent,
      method: init.method ?? 'GET',
      headers: {
        'user-agent': 'cpm',
        ...(init.headers as Record<string, string>),
        ...(body === undefined ? {} : { 'content-length': body.length }),
      },
      ...(init.signal ? { signal: init.signal } : {}),
    });
    call.setTimeout(ANSWER_TIMEOUT_MS, () => call.destroy(new Error('no answer within two minutes')));
    call.once('error', reject);
    call.once('response', (answer) => {
      readAnswer(answer).then(resolve, reject);
    });
    call.end(body);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<Response> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is larger than 64 MiB');
    parts.push(part);
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = answer.statusCode ?? 500;
  return new Response(status === 204 || status === 304 ? null : Buffer.concat(parts), { status, headers });
}
