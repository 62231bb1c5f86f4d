import type { EdgeClock } from './clock.ts';
import type { Bucket } from './pacing-settings.ts';

type Waiter = { readonly rank: number; readonly tokens: number; readonly grant: () => void };

/** A token bucket with a queue: lower rank first, then first come, first served. */
export type TokenBucket = {
  /** Takes tokens now if nobody waits and there are enough; false otherwise. */
  readonly takeNow: (tokens: number) => boolean;
  /** Queues for tokens; answers how to leave the queue. `tokens` may not exceed the capacity. */
  readonly queue: (waiter: Waiter) => () => void;
  /** How long a newcomer of that rank would wait for so many tokens. */
  readonly expectedMs: (rank: number, tokens: number) => number;
  /** Tokens already taken, but not yet used on AWS: while they are held the bucket fills up that much less. */
  readonly hold: (tokens: number) => void;
  readonly useHeld: () => void;
  readonly releaseHeld: (tokens: number) => void;
  /** AWS refused although there were tokens: empty it and give nothing out for a while. */
  readonly block: (ms: number) => void;
  /** Full, nobody waiting, nothing held: forgetting it changes nothing. */
  readonly isIdle: () => boolean;
};

/** Rounding of floating-point refills must never cost a whole timer. */
const EPSILON = 1e-6;

export function tokenBucket(clock: EdgeClock, { capacity, refillPerSecond }: Bucket): TokenBucket {
  const waiting: Waiter[] = [];
  let tokens = capacity;
  let held = 0;
  let refilledAt = clock.monotonicMs();
  let blockedUntil = -Infinity;
  let cancelTimer: (() => void) | null = null;

  const refill = () => {
    const now = clock.monotonicMs();
    const gained = (Math.max(0, now - refilledAt) / 1000) * refillPerSecond;
    tokens = Math.min(capacity - held, tokens + gained);
    refilledAt = now;
    return now;
  };
  const enough = (wanted: number, now: number) => now >= blockedUntil && tokens + EPSILON >= wanted;
  const msUntil = (wanted: number, now: number) =>
    Math.max(0, blockedUntil - now, ((wanted - tokens) / refillPerSecond) * 1000);

  const pump = () => {
    cancelTimer?.();
    cancelTimer = null;
    const now = refill();
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (!enough(first.tokens, now)) {
        cancelTimer = clock.after(Math.ceil(msUntil(first.tokens, now)), pump);
        return;
      }
      waiting.shift();
      tokens -= first.tokens;
      first.grant();
    }
  };

  return {
    takeNow: (wanted) => {
      if (waiting.length > 0 || !enough(wanted, refill())) return false;
      tokens -= wanted;
      return true;
    },
    queue: (waiter) => {
      const place = waiting.findIndex((other) => other.rank > waiter.rank);
      waiting.splice(place === -1 ? waiting.length : place, 0, waiter);
      pump();
      return () => {
        const index = waiting.indexOf(waiter);
        if (index === -1) return;
        waiting.splice(index, 1);
        pump();
      };
    },
    expectedMs: (rank, wanted) => {
      const now = refill();
      const ahead = waiting.reduce((sum, waiter) => (waiter.rank <= rank ? sum + waiter.tokens : sum), 0);
      return msUntil(ahead + wanted, now);
    },
    hold: (count) => {
      held += count;
    },
    useHeld: () => {
      refill();
      held -= 1;
    },
    releaseHeld: (count) => {
      refill();
      held -= count;
      tokens += count;
      pump();
    },
    block: (ms) => {
      const now = refill();
      tokens = Math.min(tokens, 0);
      blockedUntil = Math.max(blockedUntil, now + ms);
      if (waiting.length > 0) pump();
    },
    isIdle: () => {
      refill();
      return waiting.length === 0 && held === 0 && tokens + EPSILON >= capacity && clock.monotonicMs() >= blockedUntil;
    },
  };
}
