import { cpmError, type UserId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { FoundScripts } from './find-scripts.ts';

/** Looks for a policy's scripts on the server, as its owner's policies are named now. Throws `not_found` for an unknown owner. */
export async function findPolicyScripts(
  { db, scripts }: Pick<ServerContext, 'db' | 'scripts'>,
  { ownerId, policyName }: { readonly ownerId: UserId; readonly policyName: string },
): Promise<FoundScripts> {
  const owner = await db
    .selectFrom('users')
    .select(['id', 'name', 'kind'])
    .where('id', '=', ownerId)
    .executeTakeFirst();
  if (owner === undefined) throw cpmError('not_found', { params: { noun: 'user' } });
  const policies = await db
    .selectFrom('policies')
    .select('name')
    .where('owner_id', '=', ownerId)
    .where('removed_at', 'is', null)
    .execute();
  return scripts.find({ owner, policyName, policyNames: policies.map(({ name }) => name) });
}
