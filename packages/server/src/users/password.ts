import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const argon2Async = promisify(argon2);

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** `argon2id$m,t,p$salt$tag`: the parameters travel with the hash, so they can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await derive(password, salt, COST);
  return [
    'argon2id',
    `${COST.memory},${COST.passes},${COST.parallelism}`,
    salt.toString('base64'),
    tag.toString('base64'),
  ].join('$');
}

/** Whether the password is the one that was hashed. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [, cost = '', salt = '', tag = ''] = stored.split('$');
  const [memory = COST.memory, passes = COST.passes, parallelism = COST.parallelism] = cost.split(',').map(Number);
  const expected = Buffer.from(tag, 'base64');
  const found = await derive(password, Buffer.from(salt, 'base64'), { memory, passes, parallelism });
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** Whether a stored hash was made with weaker parameters than today's and is to be made anew at the next sign-in. */
export function needsRehash(stored: string): boolean {
  return stored.split('$')[1] !== `${COST.memory},${COST.passes},${COST.parallelism}`;
}

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };

/** A flood of sign-ins must not take every core and 19 MiB each: a few at a time, the rest wait. */
async function derive(password: string, nonce: Buffer, cost: Cost): Promise<Buffer> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await argon2Async('argon2id', { message: password, nonce, tagLength: TAG_BYTES, ...cost });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
