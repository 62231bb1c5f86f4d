import type { Wire } from './xml.ts';

const plain = (value: Wire): unknown => {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return (value as readonly Wire[]).map(plain);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
};

/** A reply in AWS JSON 1.1: times are epoch seconds, undefined members are left out. */
export const jsonReply = (reply: { readonly [name: string]: Wire } | undefined): string =>
  reply === undefined ? '' : JSON.stringify(plain(reply));

/** An error in AWS JSON 1.1. */
export const jsonError = (code: string, message: string): string => JSON.stringify({ __type: code, message });
