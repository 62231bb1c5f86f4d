import type { Reservation } from '../port/reservation.ts';
import { notSent, type Caller } from './call.ts';
import type { Connections } from './connections.ts';
import type { ServiceAccess } from './service-calls.ts';

type EndpointAsked = {
  readonly Region: string;
  readonly UseDualStack: boolean;
  readonly UseFIPS: boolean;
  readonly Endpoint: string | undefined;
};
type WithEndpoint = {
  readonly config: { readonly endpointProvider: (asked: EndpointAsked) => { readonly url: URL } };
};

/** A service's own access, and the connections that all share. */
type ReadinessInput<Client extends WithEndpoint, Sdk> = ServiceAccess<Client, Sdk> & {
  readonly connections: Connections;
  readonly endpointUrl: string | undefined;
};

/** Getting ready for a burst of calls. */
export type Readiness = {
  readonly warm: (count: number) => Promise<void>;
  /** `portFor` makes the port whose calls draw on the reserved tokens. */
  readonly reserve: <Port>(
    calls: Readonly<Record<string, number>>,
    portFor: (caller: Caller) => Port,
  ) => Promise<Reservation<Port>>;
};

/** Servers and firewalls in between close idle connections after a minute at the most, some after 20 s. */
const KEEP_WARM_EVERY_MS = 15_000;

export function readiness<Client extends WithEndpoint, Sdk>(input: ReadinessInput<Client, Sdk>): Readiness {
  const { edge, caller, service, connect, connections, endpointUrl } = input;
  const { access, region, options } = caller;
  const warm = async (count: number) => {
    try {
      const { client } = await connect(access, region);
      const asked = { Region: region, UseDualStack: false, UseFIPS: false, Endpoint: endpointUrl };
      await connections.warm(client.config.endpointProvider(asked).url, count);
    } catch (error) {
      edge.log.info({ region, error: String(error) }, 'connections to AWS were not opened in advance');
    }
  };
  const keepWarm = (count: number): (() => void) => {
    let cancel = () => {};
    let ended = false;
    const again = async () => {
      await warm(count);
      if (!ended) cancel = edge.clock.after(KEEP_WARM_EVERY_MS, () => void again());
    };
    cancel = edge.clock.after(KEEP_WARM_EVERY_MS, () => void again());
    return () => {
      ended = true;
      cancel();
    };
  };
  return {
    warm,
    reserve: async (calls, portFor) => {
      const place = { accountKey: access.accountKey, region, service };
      const tokens = await edge.pacer.reserve(place, calls, options).catch((error: Error) => {
        throw notSent(error);
      });
      const count = Object.values(calls).reduce((sum, each) => sum + Math.max(0, each), 0);
      await warm(count);
      const letCool = keepWarm(count);
      const release = () => {
        letCool();
        tokens.release();
      };
      return { port: portFor({ ...caller, held: tokens }), release };
    },
  };
}
