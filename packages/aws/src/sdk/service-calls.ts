import type { EC2Client } from '@aws-sdk/client-ec2';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { RedshiftClient } from '@aws-sdk/client-redshift';
import type { STSClient } from '@aws-sdk/client-sts';
import type { Effect } from '../map-error.ts';
import type { PreparedCall } from '../port/prepared-call.ts';
import { call, type Caller, type Edge, type ServiceName } from './call.ts';
import type { Connect, Ec2Sdk, RdsSdk, RedshiftSdk, StsSdk } from './clients.ts';
import { heldCall, type Gate } from './held-call.ts';

type Send<Client, Sdk, Output> = (client: Client, sdk: Sdk) => Promise<Output>;
type Begin<Client, Sdk, Output> = (client: Client, sdk: Sdk, gate: Gate) => Promise<Output>;

/** Sends the calls of one service for one caller: the names say what may be repeated after a failure that passes. */
export type ServiceCalls<Client, Sdk> = {
  /** Changes nothing. */
  readonly read: <Output>(action: string, send: Send<Client, Sdk, Output>) => Promise<Output>;
  /** Has a token or a name of its own, or does no harm twice; `instances` for the limit on instances. */
  readonly repeatable: <Output>(action: string, send: Send<Client, Sdk, Output>, instances?: number) => Promise<Output>;
  /** Would happen twice. */
  readonly once: <Output>(action: string, send: Send<Client, Sdk, Output>) => Promise<Output>;
  /** The same, made ready now and sent later: `begin` puts the gate `BEHIND_THE_SIGNATURE`, in `A_HANDLER_OF_ITS_OWN`. */
  readonly prepareOnce: <Output>(action: string, begin: Begin<Client, Sdk, Output>) => PreparedCall<Output>;
};

export type Ec2Calls = ServiceCalls<EC2Client, Ec2Sdk>;
export type RdsCalls = ServiceCalls<RDSClient, RdsSdk>;
export type RedshiftCalls = ServiceCalls<RedshiftClient, RedshiftSdk>;
export type StsCalls = ServiceCalls<STSClient, StsSdk>;

/** Whose calls, to which service; `connect` finds the client. */
export type ServiceAccess<Client, Sdk> = {
  readonly edge: Edge;
  readonly caller: Caller;
  readonly service: ServiceName;
  readonly connect: Connect<Client, Sdk>;
};

export function serviceCalls<Client, Sdk>(access: ServiceAccess<Client, Sdk>): ServiceCalls<Client, Sdk> {
  const { edge, caller, service, connect } = access;
  const connected = async <Output>(send: Send<Client, Sdk, Output>): Promise<Output> => {
    const { client, sdk } = await connect(caller.access, caller.region);
    return send(client, sdk);
  };
  const run = <Output>(effect: Effect, action: string, send: () => Promise<Output>, instances = 0) =>
    call(edge, caller, { service, action, effect, instances, send });
  return {
    read: (action, send) => run('read', action, () => connected(send)),
    repeatable: (action, send, instances) => run('repeatable', action, () => connected(send), instances),
    once: (action, send) => run('once', action, () => connected(send)),
    prepareOnce: (action, begin) => {
      const held = heldCall(edge.clock, (gate) => connected((client, sdk) => begin(client, sdk, gate)));
      return { send: () => run('once', action, held.send), drop: held.drop };
    },
  };
}

/** Deleting what AWS does not know is done already. */
export async function goneIfMissing<Done>(deletion: Promise<unknown>, done: Done): Promise<Done | 'alreadyGone'> {
  return (await nullIfMissing(deletion.then(() => done))) ?? 'alreadyGone';
}

/** The answer, or null where AWS does not know what was named. */
export async function nullIfMissing<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { readonly class?: unknown }).class === 'missing') return null;
    throw error;
  }
}
