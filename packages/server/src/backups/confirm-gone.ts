import { addMs, isCpmError, type Instant } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import { findPolicyForJob } from '../policies/policies.store.ts';
import type { BackupRow } from './backups.store.ts';
import { findResources, type ResourceRow } from './snapshots.store.ts';

/** Between the two looks that together prove a target gone (POL-3, F6). */
const SECOND_LOOK_AFTER_MS = 5 * 60_000;
const GONE = new Set(['terminated', 'shutting-down', 'deleted', 'deleting']);

/**
 * Which of a backup's missing targets are gone for certain: not there at the start, and not there in a complete and
 * successful answer at least five minutes later. Only asked where the policy removes such targets; until then `lookAgainAt`
 * says when. A region that cannot be read proves nothing.
 */
export async function confirmGone(
  context: ServerContext,
  backup: BackupRow,
): Promise<{ readonly targets: readonly ResourceRow[]; readonly lookAgainAt: Instant | null }> {
  const { db, clock } = context;
  const policy = backup.policyId === null ? null : await findPolicyForJob(db, backup.policyId);
  if (policy === null || policy.autoTargetRemoval === 'no') return { targets: [], lookAgainAt: null };
  const missing = (await findResources(db, backup.id)).filter(({ state }) => state === 'missing');
  if (missing.length === 0) return { targets: [], lookAgainAt: null };
  const secondLookAt = addMs(backup.startedAt, SECOND_LOOK_AFTER_MS);
  if (clock.now() < secondLookAt) return { targets: [], lookAgainAt: secondLookAt };
  const byRegion = Map.groupBy(missing, ({ region }) => region);
  const gone = await Promise.all([...byRegion].map(([region, each]) => stillMissing(context, backup, region, each)));
  return { targets: gone.flat(), lookAgainAt: null };
}

async function stillMissing(
  context: ServerContext,
  backup: BackupRow,
  region: string,
  missing: readonly ResourceRow[],
): Promise<readonly ResourceRow[]> {
  const ec2 = ec2Of(context, backup.accountId, region);
  const ids = (kind: ResourceRow['kind']) =>
    missing.filter((each) => each.kind === kind).map(({ resourceId }) => resourceId);
  try {
    const [instances, volumes] = await Promise.all([
      ec2.describeInstances(ids('instance')),
      ec2.describeVolumes(ids('volume')),
    ]);
    const present = new Set([
      ...instances.filter(({ state }) => !GONE.has(state)).map(({ instanceId }) => instanceId),
      ...volumes.filter(({ state }) => !GONE.has(state)).map(({ volumeId }) => volumeId),
    ]);
    return missing.filter(({ resourceId }) => !present.has(resourceId));
  } catch (error) {
    if (!isCpmError(error)) throw error;
    return [];
  }
}
