/** Choices that a seed fixes: the same seed makes the same ones in the same order. */
export type Chance = {
  /** 0 (included) to 1. */
  readonly next: () => number;
  /** A whole number, both ends included. */
  readonly between: (least: number, most: number) => number;
  /** True so often out of 1. */
  readonly happens: (share: number) => boolean;
  readonly pick: <T>(all: readonly T[]) => T;
  /** So many different ones, in their old order. */
  readonly some: <T>(all: readonly T[], count: number) => T[];
};

/** SplitMix32: evenly spread, and different from the first number on for neighbouring seeds. */
export function chance(seed: number): Chance {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const pick = <T>(all: readonly T[]): T => {
    const chosen = all[between(0, all.length - 1)];
    if (chosen === undefined) throw new RangeError('there is nothing to choose from');
    return chosen;
  };
  const some = <T>(all: readonly T[], count: number): T[] => {
    const left = [...all];
    while (left.length > Math.max(count, 0)) left.splice(between(0, left.length - 1), 1);
    return left;
  };
  return { next, between, happens: (share) => next() < share, pick, some };
}
