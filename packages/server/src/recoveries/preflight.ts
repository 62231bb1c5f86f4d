import { withFound, type Found } from '@cpm/core';
import { findAccount } from '../accounts/accounts.store.ts';
import { checkKeys } from './check-keys.ts';
import { checkPermissions, type PermissionsFound } from './check-permissions.ts';
import { checkDatabases, checkStorage, checkVcpus } from './check-quotas.ts';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import { guarded } from './preflight-guard.ts';

/** What is looked at before every start, whatever its planner found: the keys, because a wrong one shows only afterwards. */
export async function checkBeforeStart(asked: Asked, planned: PlannedRecovery): Promise<PlannedRecovery> {
  const { context, backup, access } = asked;
  const { uses } = planned;
  if (uses === undefined || ((uses.keys ?? []).length === 0 && (uses.awsSnapshotIds ?? []).length === 0))
    return planned;
  const found = await guarded(context.clock, { name: 'keys', what: 'the encryption keys' }, async () => {
    const { awsAccountNumber } = await findAccount(context.db, backup.ownerId, backup.accountId);
    return checkKeys(access, awsAccountNumber, uses);
  });
  return { ...planned, checks: withFound(planned.checks, found) };
}

export type LookedAt = Pick<PermissionsFound, 'missingPermissions'> & { readonly planned: PlannedRecovery };

/** What only the plan looks at beside that: permissions and quotas, which AWS itself tells at the start (decisions/0014). */
export async function checkForPlan(asked: Asked, planned: PlannedRecovery): Promise<LookedAt> {
  const { context, access } = asked;
  const { uses } = planned;
  if (uses === undefined) return { planned, missingPermissions: null };
  let missingPermissions: LookedAt['missingPermissions'] = null;
  const quotas = (what: string, check: () => Promise<readonly Found[]>) =>
    guarded(context.clock, { name: 'quotas', what }, check);
  const found = await Promise.all([
    guarded(context.clock, { name: 'permissions', what: 'the permissions' }, async () => {
      const permissions = await checkPermissions(access, uses);
      missingPermissions = permissions.missingPermissions;
      return permissions.found;
    }),
    quotas('the limit on vCPUs', () => checkVcpus(access, uses)),
    quotas('the limits on storage', () => checkStorage(access, uses)),
    quotas('the limits of RDS', () => checkDatabases(access, uses)),
  ]);
  return { planned: { ...planned, checks: withFound(planned.checks, found.flat()) }, missingPermissions };
}
