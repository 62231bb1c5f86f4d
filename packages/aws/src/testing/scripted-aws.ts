import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EdgeClock } from '../clock.ts';

/** A request as the scripted endpoint read it. */
export type Asked = {
  readonly action: string;
  /** Of the services that ask in forms; empty for the one that asks in JSON. */
  readonly params: URLSearchParams;
  readonly body: string;
  /** Out of the signature: who asked, and for which region. */
  readonly accessKeyId: string;
  readonly region: string;
};

/** What the endpoint does: answers so, hangs up after reading, or never answers. */
export type Reply =
  | { readonly xml: string; readonly status?: number }
  | { readonly json: object; readonly status?: number }
  | { readonly html: string; readonly status: number }
  | 'hang up'
  | 'stay silent';

/** An HTTP endpoint on the loopback that plays AWS from a script, for what no well-behaved back end would do. */
export async function scriptedAws(script: (asked: Asked, count: number) => Reply) {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request);
    if (request.method !== 'POST') return void response.writeHead(404).end();
    const seen = toAsked(request, body);
    asked.push(seen);
    send(response, script(seen, asked.length));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    connections: () => new Promise<number>((done) => server.getConnections((_, count) => done(count))),
    /** What any server does with connections that were not used for a while. */
    closeIdleConnections: () => server.closeIdleConnections(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function toAsked(request: IncomingMessage, body: string): Asked {
  const target = request.headers['x-amz-target'];
  const params = new URLSearchParams(target === undefined ? body : '');
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '');
  const action = typeof target === 'string' ? (target.split('.')[1] ?? '') : (params.get('Action') ?? '');
  return { action, params, body, accessKeyId: scope?.[1] ?? '', region: scope?.[2] ?? '' };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'stay silent') return;
  if (reply === 'hang up') {
    response.socket?.destroy();
    return;
  }
  if ('html' in reply) {
    response.writeHead(reply.status, { 'content-type': 'text/html' }).end(reply.html);
    return;
  }
  if ('json' in reply) {
    const type = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'req-7' };
    response.writeHead(reply.status ?? 200, type).end(JSON.stringify(reply.json));
    return;
  }
  response.writeHead(reply.status ?? 200, { 'content-type': 'text/xml', 'x-amzn-requestid': 'req-7' }).end(reply.xml);
}

/** An EC2 result: the children of the response element. */
export function ec2Result(action: string, inner: string): Reply {
  return { xml: `<${action}Response><requestId>req-7</requestId>${inner}</${action}Response>` };
}

export function ec2Error(code: string, status: number, message = 'no'): Reply {
  const error = `<Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>`;
  return { status, xml: `<Response>${error}<RequestID>req-7</RequestID></Response>` };
}

/** A result of RDS or Redshift: the children of the result element. */
export function queryResult(action: string, inner: string): Reply {
  const metadata = '<ResponseMetadata><RequestId>req-7</RequestId></ResponseMetadata>';
  return { xml: `<${action}Response><${action}Result>${inner}</${action}Result>${metadata}</${action}Response>` };
}

export function queryError(code: string, status: number, message = 'no'): Reply {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, xml: `<ErrorResponse>${error}<RequestId>req-7</RequestId></ErrorResponse>` };
}

export function jsonError(code: string, status = 400, message = 'no'): Reply {
  return { status, json: { __type: code, message } };
}

/** The machine's clock. */
export const realClock: EdgeClock = {
  monotonicMs: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
