import { cpmError } from '@cpm/core';
import type { EdgeClock } from './clock.ts';
import { instanceBucket, requestLimit, type Bucket, type PacingSettings } from './pacing-settings.ts';
import { CALL_PRIORITIES, type CallOptions } from './port/access.ts';
import { tokenBucket, type TokenBucket } from './token-bucket.ts';

/** Where requests are counted: AWS keeps its limits for each account, region and service. */
export type Place = { readonly accountKey: string; readonly region: string; readonly service: string };

/** What a call counts against. */
export type Lane = Place & { readonly action: string };

/** Leave to send one call: `at` (monotonic ms) says when it was given. */
export type Grant = { readonly at: number; readonly waitedMs: number };

/** Tokens taken in advance. `takeOne` is null when none is left for the action. */
export type HeldTokens = { readonly takeOne: (action: string) => Grant | null; readonly release: () => void };

export type Pacer = {
  /** Waits for leave to send one call (that starts, stops or ends so many instances). */
  readonly take: (lane: Lane, options?: CallOptions, instances?: number) => Promise<Grant>;
  /** Takes tokens for so many calls of each action, at most the whole bucket: what is beyond waits as usual. */
  readonly reserve: (
    place: Place,
    calls: Readonly<Record<string, number>>,
    options?: CallOptions,
  ) => Promise<HeldTokens>;
  /** AWS refused a call of that lane for its rate. */
  readonly refused: (lane: Lane, grant: Grant) => void;
  /** AWS took a call of that lane. */
  readonly accepted: (lane: Lane) => void;
  /** Ends every wait with `shutting_down`. */
  readonly close: () => void;
};

type PacerInput = { readonly clock: EdgeClock; readonly settings: PacingSettings; readonly random: () => number };
type PacedLane = {
  readonly key: string;
  readonly bucket: TokenBucket;
  readonly capacity: number;
  refusals: number;
  refusedAt: number;
};

const MOST_LANES = 5_000;
const FIRST_BLOCK_MS = 500;
const LONGEST_BLOCK_MS = 30_000;
const TOLD_WAIT_MS = 1_000;

/** Keeps calls under AWS's request limits by waiting before they are sent, and backs off when others used them up. */
export function createPacer({ clock, settings, random }: PacerInput): Pacer {
  const lanes = new Map<string, PacedLane>();
  const closing = new AbortController();

  const laneOf = ({ accountKey, region, service }: Place, limit: string, bucket: Bucket): PacedLane => {
    const key = [accountKey, region, service, limit].join('\n');
    const known = lanes.get(key);
    if (known !== undefined) return known;
    if (lanes.size >= MOST_LANES) dropIdle(lanes);
    const made = {
      key,
      bucket: tokenBucket(clock, bucket),
      capacity: bucket.capacity,
      refusals: 0,
      refusedAt: -Infinity,
    };
    lanes.set(key, made);
    return made;
  };
  const requests = (lane: Lane) => {
    const { name, bucket } = requestLimit(settings, lane.service, lane.action);
    return laneOf(lane, name, bucket);
  };

  const waitFor = async (paced: PacedLane, tokens: number, action: string, options: CallOptions): Promise<void> => {
    const { signal } = options;
    if (closing.signal.aborted || signal?.aborted) throw cpmError('shutting_down');
    if (paced.bucket.takeNow(tokens)) return;
    const rank = CALL_PRIORITIES.indexOf(options.priority ?? 'backup');
    const expectedMs = paced.bucket.expectedMs(rank, tokens);
    if (expectedMs >= TOLD_WAIT_MS) options.onWait?.({ action, expectedMs });
    const stop = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
    await new Promise<void>((resolve, reject) => {
      const stopped = () => {
        leave();
        reject(cpmError('shutting_down'));
      };
      const grant = () => {
        stop.removeEventListener('abort', stopped);
        resolve();
      };
      stop.addEventListener('abort', stopped, { once: true });
      const leave = paced.bucket.queue({ rank, tokens, grant });
    });
  };

  return {
    take: async (lane, options = {}, instances = 0) => {
      const askedAt = clock.monotonicMs();
      const perInstance = instances > 0 ? instanceBucket(settings, lane.action) : null;
      if (perInstance !== null) {
        const wanted = Math.min(instances, perInstance.capacity);
        await waitFor(laneOf(lane, `instances of ${lane.action}`, perInstance), wanted, lane.action, options);
      }
      await waitFor(requests(lane), 1, lane.action, options);
      const at = clock.monotonicMs();
      return { at, waitedMs: at - askedAt };
    },
    reserve: async (place, calls, options = {}) => {
      const held: Held[] = [];
      const tokens = holdTokens(held, clock);
      try {
        for (const { paced, actions, count } of groupByBucket(place, calls, requests)) {
          const left = Math.min(count, Math.floor(paced.capacity));
          await waitFor(paced, left, [...actions].join(', '), options);
          paced.bucket.hold(left);
          held.push({ bucket: paced.bucket, actions, left });
        }
        return tokens;
      } catch (error) {
        tokens.release();
        throw error;
      }
    },
    refused: (lane, grant) => {
      const paced = requests(lane);
      // Calls that were under way together are refused together: that is one refusal, not many.
      if (grant.at <= paced.refusedAt) return;
      paced.refusedAt = clock.monotonicMs();
      paced.refusals += 1;
      const longest = Math.min(LONGEST_BLOCK_MS, FIRST_BLOCK_MS * 2 ** (paced.refusals - 1));
      paced.bucket.block(longest * (0.5 + random() / 2));
    },
    accepted: (lane) => {
      requests(lane).refusals = 0;
    },
    close: () => closing.abort(),
  };
}

type Group = { readonly paced: PacedLane; readonly actions: Set<string>; count: number };

/**
 * What is wanted of each bucket in all: actions may share one, and one action must not wait for tokens that the other
 * holds. In one fixed order, so that two reservations never wait for each other.
 */
function groupByBucket(
  place: Place,
  calls: Readonly<Record<string, number>>,
  laneOf: (lane: Lane) => PacedLane,
): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [action, count] of Object.entries(calls)) {
    if (!(count > 0)) continue;
    const paced = laneOf({ ...place, action });
    const group = groups.get(paced.key) ?? { paced, actions: new Set<string>(), count: 0 };
    group.actions.add(action);
    group.count += count;
    groups.set(paced.key, group);
  }
  return [...groups.values()].toSorted((one, other) => (one.paced.key < other.paced.key ? -1 : 1));
}

type Held = { readonly bucket: TokenBucket; readonly actions: ReadonlySet<string>; left: number };

function holdTokens(held: readonly Held[], clock: EdgeClock): HeldTokens {
  return {
    takeOne: (action) => {
      const part = held.find(({ actions, left }) => left > 0 && actions.has(action));
      if (part === undefined) return null;
      part.left -= 1;
      part.bucket.useHeld();
      return { at: clock.monotonicMs(), waitedMs: 0 };
    },
    release: () => {
      for (const part of held) {
        part.bucket.releaseHeld(part.left);
        part.left = 0;
      }
    },
  };
}

function dropIdle(lanes: Map<string, PacedLane>): void {
  for (const [key, { bucket }] of lanes) if (bucket.isIdle()) lanes.delete(key);
}
