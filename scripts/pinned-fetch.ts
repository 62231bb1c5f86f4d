import { Agent, request } from 'node:https';

type Send = (url: string, init: RequestInit) => Promise<Response>;

/** A fetch that trusts exactly this certificate (PEM) and keeps the server's session cookie, as a browser would. */
export function pinnedFetch(certificate: string): { readonly send: Send; readonly cookie: () => string } {
  const agent = new Agent({ keepAlive: true, ca: certificate });
  let cookie = '';
  const send: Send = (url, init) =>
    new Promise((resolve, reject) => {
      const call = request(url, { agent, method: init.method, headers: init.headers as Record<string, string> });
      call.on('error', reject);
      call.on('response', (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const [fresh] = answer.headers['set-cookie'] ?? [];
          if (fresh !== undefined) cookie = fresh.split(';')[0] ?? '';
          const status = answer.statusCode ?? 500;
          resolve(new Response(status === 204 ? null : Buffer.concat(parts), { status }));
        });
      });
      call.end(typeof init.body === 'string' ? init.body : undefined);
    });
  return { send, cookie: () => cookie };
}
