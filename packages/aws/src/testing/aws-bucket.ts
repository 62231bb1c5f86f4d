import type { Bucket } from '../pacing-settings.ts';

/**
 * AWS's side of a request limit: it counts a call when it arrives and refills `everyMs` (first after `phaseMs`), or all
 * the time (0).
 */
export function awsBucket({ capacity, refillPerSecond }: Bucket, everyMs: number, phaseMs = 0) {
  let tokens = capacity;
  let filledAt = phaseMs - everyMs;
  return {
    arrive: (nowMs: number): 'taken' | 'refused' => {
      const until = everyMs === 0 ? nowMs : Math.floor((nowMs - phaseMs) / everyMs) * everyMs + phaseMs;
      if (until > filledAt) {
        tokens = Math.min(capacity, tokens + ((until - filledAt) / 1000) * refillPerSecond);
        filledAt = until;
      }
      if (tokens < 1 - 1e-9) return 'refused';
      tokens -= 1;
      return 'taken';
    },
  };
}

/** A repeatable source of numbers from 0 (included) to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
