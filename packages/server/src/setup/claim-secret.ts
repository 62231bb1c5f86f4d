import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hashSecret } from '../users/secret-token.ts';

/**
 * The secret that makes the first root user: printed on the server's own console, so only who runs the server has it (S01).
 * It lives in memory only: every start that still waits for its first user prints a fresh one.
 */
export type ClaimSecret = { readonly text: string; readonly isRight: (typed: string) => boolean };

export function createClaimSecret(given?: string): ClaimSecret {
  // Groups of four letters and digits without look-alikes: 32^20, 100 bits, and still readable off a screen.
  const text = given ?? Array.from({ length: 5 }, group).join('-');
  const expected = hashSecret(text);
  return { text, isRight: (typed) => timingSafeEqual(hashSecret(typed.trim()), expected) };
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const group = (): string => [...randomBytes(4)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
