import { createClient, UnreachableError, type Client } from '@cpm/contract/client';
import type { Io } from '../surroundings.ts';
import { createHttpsFetch } from './https-fetch.ts';
import { readSettings } from './settings.ts';

/** The API at the server that settings name, called with the token; Ctrl-C ends the call that is under way. */
export async function connect(io: Io, serverOption: string | undefined): Promise<Client> {
  const { server, trust, token } = await readSettings(io, serverOption);
  const client = createClient({
    baseUrl: `${server.origin}/api/v1`,
    fetch: createHttpsFetch(server, trust),
    headers: () => ({ authorization: `Bearer ${token}` }),
  });
  return withSignal(client, io.signal);
}

/** Whether nothing came back although the server was there: the same request may be sent once more. */
export function wasCutOff(error: unknown): boolean {
  const cause = error instanceof UnreachableError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
}

function withSignal(client: Client, signal: AbortSignal): Client {
  return (call, input) => client(call, { signal, ...input });
}
