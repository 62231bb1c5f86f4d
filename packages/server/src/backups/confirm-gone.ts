import type { Ec2Port } from '@cpm/aws/port';
import { addMs, isCpmError, isDatabaseGone, isDatabaseKind, type Instant } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf, type DatabasePorts } from '../accounts/database-ports.ts';
import { findDatabases } from '../accounts/find-databases.ts';
import type { ServerContext } from '../context.ts';
import { findPolicyForJob } from '../policies/policies.store.ts';
import type { BackupRow } from './backups.store.ts';
import { findResources, type ResourceRow } from './snapshots.store.ts';

/** Between the two looks that together prove a target gone (POL-3, F6). */
const SECOND_LOOK_AFTER_MS = 5 * 60_000;
const GONE = new Set(['terminated', 'shutting-down', 'deleted', 'deleting']);

/**
 * Which of a backup's missing targets are gone for certain: not there at the first look, which may come long after the
 * backup's start, and not in a complete and successful answer at least five minutes after that. Only asked where the policy removes such targets; until then `lookAgainAt`
 * says when. A region that cannot be read proves nothing.
 */
export async function confirmGone(
  context: ServerContext,
  backup: BackupRow,
  firstLookAt: Instant,
): Promise<{ readonly targets: readonly ResourceRow[]; readonly lookAgainAt: Instant | null }> {
  const { db, clock } = context;
  const policy = backup.policyId === null ? null : await findPolicyForJob(db, backup.policyId);
  if (policy === null || policy.autoTargetRemoval === 'no') return { targets: [], lookAgainAt: null };
  const missing = (await findResources(db, backup.id)).filter(({ state }) => state === 'missing');
  if (missing.length === 0) return { targets: [], lookAgainAt: null };
  const secondLookAt = addMs(firstLookAt, SECOND_LOOK_AFTER_MS);
  if (clock.now() < secondLookAt) return { targets: [], lookAgainAt: secondLookAt };
  const byRegion = Map.groupBy(missing, ({ region }) => region);
  const gone = await Promise.all(
    [...byRegion].map(([region, each]) => stillMissing(context, backup, { region, missing: each })),
  );
  return { targets: gone.flat(), lookAgainAt: null };
}

type InRegion = { readonly region: string; readonly missing: readonly ResourceRow[] };

/** Each service on its own: what one of them does not tell proves nothing of its targets, and nothing of the others'. */
async function stillMissing(
  context: ServerContext,
  { accountId }: BackupRow,
  { region, missing }: InRegion,
): Promise<readonly ResourceRow[]> {
  const ec2 = ec2Of(context, accountId, region);
  const ports = databasePortsOf(context, accountId, region);
  const gone = await Promise.all(
    [...Map.groupBy(missing, ({ kind }) => kind)].map(async ([kind, rows]) => {
      const ids = rows.map(({ resourceId }) => resourceId);
      const present = await findPresent(kind, ids, { ec2, ports });
      return present === null ? [] : rows.filter(({ resourceId }) => !present.has(resourceId));
    }),
  );
  return gone.flat();
}

type Doors = { readonly ec2: Ec2Port; readonly ports: DatabasePorts };

/** Which of the ids AWS shows, alive; null when it cannot be told. */
async function findPresent(
  kind: ResourceRow['kind'],
  ids: readonly string[],
  { ec2, ports }: Doors,
): Promise<Set<string> | null> {
  try {
    if (isDatabaseKind(kind)) {
      const found = await findDatabases(ports, kind, ids);
      return new Set(
        found.filter(({ state }) => !isDatabaseGone(state)).map(({ identifier }) => identifier.toLowerCase()),
      );
    }
    if (kind === 'instance') {
      const instances = await ec2.describeInstances(ids);
      return new Set(instances.filter(({ state }) => !GONE.has(state)).map(({ instanceId }) => instanceId));
    }
    const volumes = await ec2.describeVolumes(ids);
    return new Set(volumes.filter(({ state }) => !GONE.has(state)).map(({ volumeId }) => volumeId));
  } catch (error) {
    if (!isCpmError(error)) throw error;
    return null;
  }
}
