import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Effect } from '../map-error.ts';
import { call, type Caller, type Edge } from './call.ts';
import type { Clients, Ec2Sdk } from './clients.ts';

type Send<Output> = (client: EC2Client, sdk: Ec2Sdk) => Promise<Output>;

/** Sends EC2 calls for one caller: the names say what may be repeated after a failure that passes. */
export type Ec2Calls = {
  /** Changes nothing. */
  readonly read: <Output>(action: string, send: Send<Output>) => Promise<Output>;
  /** Has a token, or does no harm twice; `instances` for the limit on instances. */
  readonly repeatable: <Output>(action: string, send: Send<Output>, instances?: number) => Promise<Output>;
  /** Would happen twice. */
  readonly once: <Output>(action: string, send: Send<Output>) => Promise<Output>;
};

export function ec2Calls(edge: Edge, clients: Clients, caller: Caller): Ec2Calls {
  const run = <Output>(effect: Effect, action: string, send: Send<Output>, instances = 0) =>
    call(edge, caller, {
      service: 'ec2',
      action,
      effect,
      instances,
      send: async () => {
        const { client, sdk } = await clients.ec2(caller.access, caller.region);
        return send(client, sdk);
      },
    });
  return {
    read: (action, send) => run('read', action, send),
    repeatable: (action, send, instances) => run('repeatable', action, send, instances),
    once: (action, send) => run('once', action, send),
  };
}

/** Deleting what AWS does not know is done already. */
export async function goneIfMissing<Done>(deletion: Promise<unknown>, done: Done): Promise<Done | 'alreadyGone'> {
  try {
    await deletion;
    return done;
  } catch (error) {
    if ((error as { readonly class?: unknown }).class === 'missing') return 'alreadyGone';
    throw error;
  }
}
