import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerControl, type Control } from '../control/control.ts';
import { answerAws } from './answer.ts';

const largestBodyBytes = 4 * 1024 * 1024;

const readBody = async (message: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > largestBodyBytes) return undefined;
  }
  return Buffer.concat(chunks);
};

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  const text = `${JSON.stringify(body, undefined, 2)}\n`;
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
};

const respond = async (control: Control, message: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readBody(message);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const [path = '/', query = ''] = (message.url ?? '/').split('?', 2);
  const method = message.method ?? 'GET';
  if (path.startsWith('/_simulator/')) {
    const answer = answerControl(control, { method, path, query, body: body.toString('utf8') });
    sendJson(response, answer.status, answer.body);
    return;
  }
  const answer = await answerAws(control.world(), { method, path, query, headers: message.headers, body });
  if (answer.drop) {
    message.socket.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'x-amzn-requestid': answer.requestId,
  });
  response.end(answer.body);
};

export type Listening = { readonly url: string; readonly port: number; readonly close: () => Promise<void> };

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

/** Serves AWS and control on a loopback port; 0 takes a free one. Rejects when the port is in use. */
export const serve = async (control: Control, port: number): Promise<Listening> => {
  const server = createServer((message, response) => {
    respond(control, message, response).catch((thrown: unknown) => {
      process.stderr.write(`simulator: ${String(thrown)}\n`);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'the simulator failed' });
    });
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, port);
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
