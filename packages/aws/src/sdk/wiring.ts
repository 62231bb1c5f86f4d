import type { Edge } from './call.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';

/** What the ports of one gateway share. */
export type Wiring = {
  readonly edge: Edge;
  readonly clients: Clients;
  readonly connections: Connections;
  readonly endpointUrl: string | undefined;
};
