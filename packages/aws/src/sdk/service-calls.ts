import type { EC2Client } from '@aws-sdk/client-ec2';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { RedshiftClient } from '@aws-sdk/client-redshift';
import type { STSClient } from '@aws-sdk/client-sts';
import type { Effect } from '../map-error.ts';
import { call, type Caller, type Edge, type ServiceName } from './call.ts';
import type { Connect, Ec2Sdk, RdsSdk, RedshiftSdk, StsSdk } from './clients.ts';

type Send<Client, Sdk, Output> = (client: Client, sdk: Sdk) => Promise<Output>;

/** Sends the calls of one service for one caller: the names say what may be repeated after a failure that passes. */
export type ServiceCalls<Client, Sdk> = {
  /** Changes nothing. */
  readonly read: <Output>(action: string, send: Send<Client, Sdk, Output>) => Promise<Output>;
  /** Has a token or a name of its own, or does no harm twice; `instances` for the limit on instances. */
  readonly repeatable: <Output>(action: string, send: Send<Client, Sdk, Output>, instances?: number) => Promise<Output>;
  /** Would happen twice. */
  readonly once: <Output>(action: string, send: Send<Client, Sdk, Output>) => Promise<Output>;
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
  const run = <Output>(effect: Effect, action: string, send: Send<Client, Sdk, Output>, instances = 0) =>
    call(edge, caller, {
      service,
      action,
      effect,
      instances,
      send: async () => {
        const { client, sdk } = await connect(caller.access, caller.region);
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
