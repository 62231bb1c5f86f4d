import type { EdgeClock } from '../clock.ts';
import type { PreparedCall } from '../port/prepared-call.ts';

/** AWS takes a signature for five minutes, by its own clock (Signature Version 4, "Request has expired"). */
const FRESH_MS = 60_000;

/** Where the SDK's request is complete and signed, and only the wire is left. */
export const BEHIND_THE_SIGNATURE = { step: 'finalizeRequest', priority: 'low' } as const;

/**
 * With options of its own a command gets a handler of its own. Without, the SDK takes the one that it remembers for commands of
 * that kind (`cacheMiddleware`), and in that stands the gate of another call: open already, or shut for ever.
 */
export const A_HANDLER_OF_ITS_OWN = {};

/** A middleware of the SDK that lets a request pass when it may. */
export type Gate = <Args, Result>(next: (args: Args) => Promise<Result>) => (args: Args) => Promise<Result>;

const OPEN: Gate = (next) => next;

/** Begins a call at once, but lets nothing of it out before `send`: `begin` puts the gate behind the signature. */
export function heldCall<Output>(clock: EdgeClock, begin: (gate: Gate) => Promise<Output>): PreparedCall<Output> {
  const leave = Promise.withResolvers<void>();
  const gate: Gate = (next) => async (args) => {
    await leave.promise;
    return next(args);
  };
  const since = clock.monotonicMs();
  let isReady = true;
  const drop = () => {
    isReady = false;
    leave.reject(new Error('the call was made ready and not sent'));
  };
  // Who sends it hears of its failure; that it could not even be made ready is tried once more then.
  leave.promise.catch(() => undefined);
  const answer = begin(gate);
  answer.catch(drop);
  return {
    drop,
    send: () => {
      if (!isReady || clock.monotonicMs() - since > FRESH_MS) {
        drop();
        return begin(OPEN);
      }
      isReady = false;
      leave.resolve();
      return answer;
    },
  };
}
