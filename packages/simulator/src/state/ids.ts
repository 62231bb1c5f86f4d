import { randomBytes, randomUUID } from 'node:crypto';

/** Makes ids and secrets; with a seed the same ones in every run. */
export type IdSource = {
  readonly hex: (digits: number) => string;
  readonly id: (prefix: string) => string;
  readonly seq: () => number;
  readonly uuid: () => string;
  readonly letters: (count: number) => string;
  readonly random: () => number;
};

/** A small generator of evenly spread numbers in [0, 1) that a 32-bit seed fixes (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const hexFrom = (random: () => number, digits: number): string => {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Ids as AWS makes them: a prefix and 17 hexadecimal digits. `made` says how many objects an earlier run made. */
export const idSource = (seed: number | undefined, made = 0): IdSource => {
  const random = seed === undefined ? Math.random : seededRandom(seed);
  const hex = (digits: number): string =>
    seed === undefined
      ? randomBytes(Math.ceil(digits / 2))
          .toString('hex')
          .slice(0, digits)
      : hexFrom(random, digits);
  let last = made;
  return {
    hex,
    id: (prefix) => `${prefix}-0${hex(16)}`,
    seq: () => (last += 1),
    uuid: () => (seed === undefined ? randomUUID() : `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`),
    letters: (count) =>
      Array.from({ length: count }, () => alphabet[Math.floor(random() * alphabet.length)] ?? 'A').join(''),
    random,
  };
};
