import type { NewTarget } from '@cpm/contract';
import { call, newIdempotencyKey } from '../../app/api.ts';

/** As many as the API takes in one request. */
const MOST_AT_ONCE = 200;

/** Adds targets to a policy, however many; rejects at the first request that is refused. */
export async function addTargets(policyId: string, targets: readonly NewTarget[]): Promise<void> {
  for (let first = 0; first < targets.length; first += MOST_AT_ONCE) {
    await call('POST /policies/:policyId/targets', {
      params: { policyId },
      body: { targets: targets.slice(first, first + MOST_AT_ONCE) },
      idempotencyKey: newIdempotencyKey(),
    });
  }
}
