import { randomUUID } from 'node:crypto';
import { wasCutOff } from '../connection/connect.ts';

/** Sends a create with an idempotency key; once more with the same key when the connection broke before the answer. */
export async function sendOnce<Reply>(send: (idempotencyKey: string) => Promise<Reply>): Promise<Reply> {
  const key = randomUUID();
  try {
    return await send(key);
  } catch (error) {
    if (!wasCutOff(error)) throw error;
    return send(key);
  }
}
