import {
  cpmError,
  databaseObstacle,
  describeTarget,
  isDatabaseGone,
  isDatabaseKind,
  resourceIdOf,
  targetKey,
  targetOf,
  TARGET_KINDS,
  type AccountId,
  type FieldError,
  type Target,
} from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf } from '../accounts/database-ports.ts';
import { findDatabases } from '../accounts/find-databases.ts';
import { nameOf } from '../accounts/tags.ts';
import type { ServerContext } from '../context.ts';

type Found = { readonly name: string; readonly volumeIds: readonly string[]; readonly obstacle: string | null };
type FoundByKey = Map<string, Found>;

const GONE = new Set(['terminated', 'shutting-down', 'deleting', 'deleted']);

/**
 * Looks new targets up in AWS, so that none is stored that is not there: throws `invalid_request` naming each one that is
 * unknown in its region or cannot be snapshotted, and each chosen volume that is not attached; or what AWS refused.
 */
export async function findNewTargets(
  context: ServerContext,
  accountId: AccountId,
  targets: readonly Target[],
): Promise<{ readonly target: Target; readonly resourceName: string }[]> {
  await refuseUnknownRegions(context, accountId, targets);
  const byRegion = Map.groupBy(targets, ({ region }) => region);
  const found: FoundByKey = new Map();
  await Promise.all(
    [...byRegion].map(async ([region, each]) => {
      const parts = [
        findInstancesAndVolumes(context, accountId, { region, targets: each }),
        findDatabaseTargets(context, accountId, { region, targets: each }),
      ];
      for (const part of await Promise.all(parts)) for (const [key, one] of part) found.set(key, one);
    }),
  );
  const fields = targets.flatMap((target, index) => errorsOf(target, index, found.get(targetKey(target))));
  if (fields.length > 0) throw cpmError('invalid_request', { fields });
  return targets.map((target) => ({ target, resourceName: found.get(targetKey(target))?.name ?? '' }));
}

type InRegion = { readonly region: string; readonly targets: readonly Target[] };

const idsOf = (targets: readonly Target[], kind: Target['kind']): string[] =>
  targets.filter((target) => target.kind === kind).map(resourceIdOf);

async function findInstancesAndVolumes(
  context: ServerContext,
  accountId: AccountId,
  { region, targets }: InRegion,
): Promise<FoundByKey> {
  const ec2 = ec2Of(context, accountId, region, { priority: 'interactive' });
  const [instances, volumes] = await Promise.all([
    ec2.describeInstances(idsOf(targets, 'instance')),
    ec2.describeVolumes(idsOf(targets, 'volume')),
  ]);
  const keyOf = (kind: 'instance' | 'volume', resourceId: string) => targetKey(targetOf(kind, { region, resourceId }));
  return new Map([
    ...instances
      .filter(({ state }) => !GONE.has(state))
      .map(({ instanceId, tags, blockDevices }): [string, Found] => {
        const volumeIds = blockDevices.map(({ volumeId }) => volumeId);
        return [keyOf('instance', instanceId), { name: nameOf(tags), volumeIds, obstacle: null }];
      }),
    ...volumes
      .filter(({ state }) => !GONE.has(state))
      .map(({ volumeId, tags }): [string, Found] => {
        return [keyOf('volume', volumeId), { name: nameOf(tags), volumeIds: [], obstacle: null }];
      }),
  ]);
}

async function findDatabaseTargets(
  context: ServerContext,
  accountId: AccountId,
  { region, targets }: InRegion,
): Promise<FoundByKey> {
  const ports = databasePortsOf(context, accountId, region, { priority: 'interactive' });
  const parts = await Promise.all(
    TARGET_KINDS.filter(isDatabaseKind).map((kind) => findDatabases(ports, kind, idsOf(targets, kind))),
  );
  return new Map(
    parts
      .flat()
      .filter(({ state }) => !isDatabaseGone(state))
      .map((database): [string, Found] => {
        const { kind, identifier: resourceId, tags } = database;
        const name = tags.find(({ key }) => key === 'Name')?.value ?? '';
        const key = targetKey(targetOf(kind, { region, resourceId }));
        return [key, { name, volumeIds: [], obstacle: databaseObstacle(database) }];
      }),
  );
}

/** A region that is not enabled would answer as if the keys were wrong: named for what it is. */
async function refuseUnknownRegions(
  context: ServerContext,
  accountId: AccountId,
  targets: readonly Target[],
): Promise<void> {
  const enabled = new Set(await ec2Of(context, accountId, 'us-east-1', { priority: 'interactive' }).describeRegions());
  const fields = targets.flatMap(({ region }, index) =>
    enabled.has(region)
      ? []
      : [{ path: `targets.${index}.region`, message: `${region} is no region that is enabled in this AWS account` }],
  );
  if (fields.length > 0) throw cpmError('invalid_request', { fields });
}

function errorsOf(target: Target, index: number, found: Found | undefined): FieldError[] {
  const path = `targets.${index}`;
  if (found === undefined) return [{ path: `${path}.resourceId`, message: `there is no ${describeTarget(target)}` }];
  if (found.obstacle !== null) {
    return [{ path: `${path}.resourceId`, message: `${describeTarget(target)} ${found.obstacle}` }];
  }
  if (target.kind !== 'instance' || target.volumes.take !== 'some') return [];
  return target.volumes.volumeIds.flatMap((volumeId, place) =>
    found.volumeIds.includes(volumeId)
      ? []
      : [
          {
            path: `${path}.volumes.volumeIds.${place}`,
            message: `${volumeId} is not attached to ${target.instanceId}`,
          },
        ],
  );
}
