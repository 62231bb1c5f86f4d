import { cpmError, describeTarget, resourceIdOf, type AccountId, type FieldError, type Target } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import { nameOf } from '../accounts/tags.ts';
import type { ServerContext } from '../context.ts';

type Found = { readonly name: string; readonly volumeIds: readonly string[] };

const GONE = new Set(['terminated', 'shutting-down', 'deleting', 'deleted']);

/**
 * Looks new targets up in AWS, so that none is stored that is not there: throws `invalid_request` naming each one that is
 * unknown in its region, and each chosen volume that is not attached; or what AWS refused.
 */
export async function findNewTargets(
  context: ServerContext,
  accountId: AccountId,
  targets: readonly Target[],
): Promise<{ readonly target: Target; readonly resourceName: string }[]> {
  const byRegion = Map.groupBy(targets, ({ region }) => region);
  await refuseUnknownRegions(context, accountId, targets);
  const found = new Map<Target, Found>();
  await Promise.all(
    [...byRegion].map(async ([region, each]) => {
      const ec2 = ec2Of(context, accountId, region, { priority: 'interactive' });
      const ids = (kind: Target['kind']) => each.filter((target) => target.kind === kind).map(resourceIdOf);
      const [instances, volumes] = await Promise.all([
        ec2.describeInstances(ids('instance')),
        ec2.describeVolumes(ids('volume')),
      ]);
      const byId = new Map<string, Found>([
        ...instances
          .filter(({ state }) => !GONE.has(state))
          .map(({ instanceId, tags, blockDevices }): [string, Found] => [
            instanceId,
            { name: nameOf(tags), volumeIds: blockDevices.map(({ volumeId }) => volumeId) },
          ]),
        ...volumes
          .filter(({ state }) => !GONE.has(state))
          .map(({ volumeId, tags }): [string, Found] => [volumeId, { name: nameOf(tags), volumeIds: [] }]),
      ]);
      for (const target of each) {
        const known = byId.get(resourceIdOf(target));
        if (known !== undefined) found.set(target, known);
      }
    }),
  );
  const fields = targets.flatMap((target, index) => errorsOf(target, index, found.get(target)));
  if (fields.length > 0) throw cpmError('invalid_request', { fields });
  return targets.map((target) => ({ target, resourceName: found.get(target)?.name ?? '' }));
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
  if (found === undefined) {
    const message = `there is no ${describeTarget(target)}`;
    return [{ path: `${path}.resourceId`, message }];
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
