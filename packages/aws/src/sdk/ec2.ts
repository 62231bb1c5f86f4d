import type { Ec2Port } from '../port/ec2.ts';
import type { Caller, Edge } from './call.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import { ec2Calls } from './ec2-call.ts';
import { ec2Images } from './ec2-images.ts';
import { ec2Instances } from './ec2-instances.ts';
import { ec2Launch } from './ec2-launch.ts';
import { ec2Places } from './ec2-places.ts';
import { ec2Snapshots } from './ec2-snapshots.ts';
import { ec2Volumes } from './ec2-volumes.ts';

/** What the ports of one gateway share. */
export type Wiring = {
  readonly edge: Edge;
  readonly clients: Clients;
  readonly connections: Connections;
  readonly endpointUrl: string | undefined;
};

export function ec2Port(wiring: Wiring, caller: Caller): Ec2Port {
  const { edge, clients, connections, endpointUrl } = wiring;
  const calls = ec2Calls(edge, clients, caller);
  const images = ec2Images(calls);
  const lane = { accountKey: caller.access.accountKey, region: caller.region };
  return {
    region: caller.region,
    ...ec2Instances(calls, images),
    ...ec2Snapshots(calls),
    ...ec2Volumes(calls),
    ...images,
    ...ec2Launch(calls),
    ...ec2Places(calls),
    reserve: async (action, count) => {
      const tokens = await edge.pacer.reserve({ ...lane, action }, count, caller.options);
      return { ec2: ec2Port(wiring, { ...caller, held: { action, tokens } }), release: tokens.release };
    },
    warm: async (count) => {
      try {
        const { client } = await clients.ec2(caller.access, caller.region);
        const { url } = client.config.endpointProvider({
          Region: caller.region,
          UseDualStack: false,
          UseFIPS: false,
          Endpoint: endpointUrl,
        });
        await connections.warm(url, count);
      } catch (error) {
        edge.log.info({ region: caller.region, error: String(error) }, 'connections to AWS were not opened in advance');
      }
    },
  };
}
