import { randomUUID } from 'node:crypto';
import type { api } from '@cpm/contract';
import { cpmError, parseBackupId, parseRecoveryId, type InstanceRecoveryChoice, type RecoveryId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { listLogLines } from '../logs/log-lines.store.ts';
import {
  credentialsOf,
  findSource,
  planRequest,
  resourceOf,
  shownInputs,
  type CommonWish,
  type Planned,
  type Source,
} from './plan-request.ts';
import { planInstanceRecovery } from './plan-instance-recovery.ts';
import { checkPlansTogether, sharedSurroundings, type SharedSurroundings } from './plan-together.ts';
import { planVolumesRecovery, type VolumesWish as VolumesChoice } from './plan-volumes-recovery.ts';
import { comparisonRoutes } from './comparison.routes.ts';
import { databaseRecoveryRoutes } from './database-recovery.routes.ts';
import { imageRoutes } from './images.routes.ts';
import { recoveryPanelRoutes } from './recovery-panel.routes.ts';
import { settlementRoutes } from './settlement.routes.ts';
import { recoverySteps } from './recovery-steps.ts';
import { findRecovery, listRecoveries } from './recoveries.store.ts';
import { findObjects } from './recovery-objects.store.ts';
import { shownRecovery } from './show-recovery.ts';
import { startRecoveries } from './start-recovery.ts';

/** Recoveries over the API (REC-1 to REC-9). */
export function recoveryRoutes(context: ServerContext): Handlers<typeof api.recoveries> {
  const { db } = context;
  const planners = plannersOf(context);
  const { show, start, look } = recoverySteps(context);

  return {
    ...recoveryPanelRoutes(context),
    ...databaseRecoveryRoutes(context),
    ...imageRoutes(context),
    ...comparisonRoutes(context),
    ...settlementRoutes(context),
    recoverVolumes: (asking) =>
      start(asking, (source) => planners.volumes(source, asking.body as unknown as VolumesWish)),
    planVolumes: (asking) => look(asking, (source) => planners.volumes(source, asking.body as unknown as VolumesWish)),
    recoverInstance: (asking) =>
      start(asking, (source) => planners.instance(source, asking.body as unknown as InstanceWish)),
    planInstance: (asking) =>
      look(asking, (source) => planners.instance(source, asking.body as unknown as InstanceWish)),

    async recoverInstances(asking) {
      const { actor, params, body, at } = asking;
      const source = await findSource(context, actor.userId, params.backupId);
      const { instances, ...common } = body as unknown as CommonWish & { readonly instances: readonly InstanceWish[] };
      const wishes = instances.map((wish): InstanceWish => ({ ...common, ...wish }));
      const shared = sharedSurroundings();
      const alone = await Promise.all(wishes.map((wish) => planners.instance(source, wish, shared)));
      const region = regionOf(alone);
      const planned = await checkPlansTogether(alone, shared.of(region));
      await startRecoveries(
        context,
        { backup: source.backup, region, credentials: credentialsOf(common), groupId: randomUUID(), at },
        planned.map(({ id, planned: each }, index) => ({
          id,
          planned: each,
          inputs: shownInputs(wishes[index] ?? {}),
        })),
      );
      return { items: await Promise.all(planned.map(({ id }) => show(actor.userId, id))) };
    },

    async list({ actor, query }) {
      const { backupId, ...page } = query;
      const found = await listRecoveries(db, actor.userId, {
        ...page,
        backupId: backupId === undefined ? undefined : parseBackupId(backupId),
      });
      const ids: RecoveryId[] = found.items.map(({ id }) => id);
      const objects = Map.groupBy(await findObjects(db, ids), ({ recoveryId }) => recoveryId);
      return {
        ...found,
        items: found.items.map((recovery) => shownRecovery(recovery, objects.get(recovery.id) ?? [])),
      };
    },

    show: ({ actor, params }) => show(actor.userId, params.recoveryId),

    async log({ actor, params, query }) {
      const recovery = await findRecovery(db, actor.userId, parseRecoveryId(params.recoveryId));
      const ended = recovery.endedAt !== null && recovery.settled !== 'rolling-back';
      return { items: await listLogLines(db, recovery.id, query), ended };
    },
  };
}

type VolumesWish = CommonWish & VolumesChoice;
type InstanceWish = CommonWish & InstanceRecoveryChoice & { readonly resourceId: string };

/** What each kind of recovery looks at, in the region of its source. */
function plannersOf(context: ServerContext) {
  return {
    volumes: (source: Source, wish: VolumesWish): Promise<Planned> =>
      planRequest(context, { source, wish, region: volumesRegion(source, wish.volumes) }, (asked) =>
        planVolumesRecovery(asked, wish),
      ),
    instance: (source: Source, wish: InstanceWish, shared?: SharedSurroundings): Promise<Planned> => {
      const resource = resourceOf(source, wish.resourceId, 'instance');
      return planRequest(context, { source, wish, region: resource.region }, (asked) =>
        planInstanceRecovery(asked, resource, wish, shared?.for(asked)),
      );
    },
  };
}

/** The one region of the chosen snapshots; a mixture is refused, because zones and instances belong to one. */
function volumesRegion({ snapshots }: Source, choices: readonly { readonly snapshotId: string }[]): string {
  const regions = choices.map(({ snapshotId }) => snapshots.find(({ id }) => id === snapshotId)?.region);
  const fields = regions.flatMap((region, index) => {
    const path = `volumes.${index}.snapshotId`;
    if (region === undefined) return [{ path, message: 'is no snapshot of this backup' }];
    return region === regions[0]
      ? []
      : [{ path, message: 'is in another region than the first; recover each region on its own' }];
  });
  const [first] = regions;
  if (fields.length > 0 || first === undefined) throw cpmError('recovery_refused', { fields });
  return first;
}

/** Instances that come back together are of one region. */
function regionOf(planned: readonly Planned[]): string {
  const [first] = planned;
  const fields = planned.flatMap(({ region }, index) =>
    region === first?.region
      ? []
      : [
          {
            path: `instances.${index}.resourceId`,
            message: 'is in another region than the first; recover each region on its own',
          },
        ],
  );
  if (first === undefined || fields.length > 0) throw cpmError('recovery_refused', { fields });
  return first.region;
}
