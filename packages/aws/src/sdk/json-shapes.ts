import type { JsonAnswer } from './json-client.ts';

/** A member that is text; empty where AWS did not say. */
export function textIn(answer: JsonAnswer, member: string): string {
  const value = answer[member];
  return typeof value === 'string' ? value : '';
}

/** A member that is a number; null where AWS did not say. */
export function numberIn(answer: JsonAnswer, member: string): number | null {
  const value = answer[member];
  return typeof value === 'number' ? value : null;
}
