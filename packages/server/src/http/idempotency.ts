import { createHash } from 'node:crypto';
import { cpmError, type UserId } from '@cpm/core';
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';

type Answer = { readonly status: number; readonly body: unknown };

/** Runs a create once per key: a repeated request is answered as the first was (IETF draft "The Idempotency-Key HTTP Header Field"). */
export type Idempotency = (ownerId: UserId, request: FastifyRequest, run: () => Promise<Answer>) => Promise<Answer>;

const KEY_FORM = /^[\x21-\x7e]{1,128}$/;
/** A key whose first request never ended (the server died): after this long it may be used again. */
const ABANDONED_AFTER_MS = 60_000;

/** Keeps the keys in the database, so that they hold across servers and restarts; errors are not kept, so they can be tried again. */
export function createIdempotency(db: Kysely<Database>, clock: Clock): Idempotency {
  return async (ownerId, request, run) => {
    const key = request.headers['idempotency-key'];
    if (key === undefined) return run();
    if (typeof key !== 'string' || !KEY_FORM.test(key)) {
      throw cpmError('invalid_request', {
        fields: [{ path: 'Idempotency-Key', message: '1 to 128 visible ASCII characters' }],
      });
    }
    const hash = createHash('sha256')
      .update(`${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
      .digest();
    const earlier = await reserve(db, { ownerId, key, hash, clock });
    if (earlier !== null) return earlier;
    try {
      const answer = await run();
      await db
        .updateTable('idempotency_keys')
        .set({ status: answer.status, reply: JSON.stringify(answer.body ?? null) })
        .where('owner_id', '=', ownerId)
        .where('key', '=', key)
        .execute();
      return answer;
    } catch (error) {
      await db.deleteFrom('idempotency_keys').where('owner_id', '=', ownerId).where('key', '=', key).execute();
      throw error;
    }
  };
}

type Reservation = { readonly ownerId: UserId; readonly key: string; readonly hash: Buffer; readonly clock: Clock };

/** Takes the key for this request, or answers what its first request was answered. */
async function reserve(db: Kysely<Database>, { ownerId, key, hash, clock }: Reservation): Promise<Answer | null> {
  const now = clock.now();
  const taken = await db
    .insertInto('idempotency_keys')
    .values({ owner_id: ownerId, key, request_hash: hash, created_at: asTimestamp(now) })
    .onConflict((conflict) =>
      conflict
        .columns(['owner_id', 'key'])
        .doUpdateSet({ created_at: asTimestamp(now) })
        .where('idempotency_keys.status', 'is', null)
        .where('idempotency_keys.request_hash', '=', hash)
        .where('idempotency_keys.created_at', '<', asTimestamp((now - ABANDONED_AFTER_MS) as typeof now)),
    )
    .returning('key')
    .executeTakeFirst();
  if (taken !== undefined) return null;
  const first = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'status', 'reply'])
    .where('owner_id', '=', ownerId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (first !== undefined && !first.request_hash.equals(hash)) throw cpmError('idempotency_mismatch');
  if (first?.status === undefined || first.status === null) throw cpmError('request_in_progress');
  return { status: first.status, body: first.reply };
}
