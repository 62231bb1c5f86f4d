import { ApiError } from '@cpm/contract';
import type { RecoverableResource, RecoveryPanel, RecoveryPoint } from '@cpm/contract';
import type { Town } from './town.ts';

/**
 * Somebody brings back what CPM offers, from the newest moment or an older one: as volumes, or as one or two instances; as
 * often as not while AWS is in trouble. What is refused is refused before anything was made.
 */
export async function recover(town: Town): Promise<void> {
  const { chance, stage } = town;
  const { items } = await stage.anna.call('GET /recoverable-resources', { query: { limit: 200 } });
  const offered = items
    .filter(({ kind }) => kind === 'instance' || kind === 'volume')
    // Two of one name stand in the order of ids that chance makes.
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (offered.length === 0) return;
  const resource = chance.pick(offered);
  const { accountId, kind, region, awsId } = resource;
  const points = await stage.anna.call('GET /recovery-points', {
    query: { accountId, kind, region, awsId, limit: 20 },
  });
  if (points.items.length === 0) throw new Error(`${awsId} is offered and has no point`);
  await recoverFrom(town, resource, chance.pick(points.items));
}

const keyOf = ({ region, awsId }: RecoverableResource): string => `${region} ${awsId}`;

async function recoverFrom(town: Town, { kind, region }: RecoverableResource, point: RecoveryPoint): Promise<void> {
  const { chance, stage } = town;
  const params = { backupId: point.backupId };
  const panel = await stage.anna.call('GET /backups/:backupId/recovery-panel', { params });
  if (!isOffered(panel, point)) throw new Error(`the panel offers nothing of the point ${point.resourceId}`);
  const isInstance = kind === 'instance' && chance.happens(0.5);
  const count = chance.pick([1, 1, 2]);
  const body = { resourceId: point.resourceId, privateIp: null, count };
  const asked = isInstance
    ? stage.anna.call('POST /backups/:backupId/recoveries/instances', { params, body })
    : stage.anna.call('POST /backups/:backupId/recoveries/volumes', {
        params,
        body: { volumes: await volumesOf(town, point, region) },
      });
  try {
    await stage.driver.ask(asked);
    town.count(`asked for: ${isInstance ? 'instances' : 'volumes'}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    town.count(`refused: recovery ${error.problem.code}`);
  }
}

const isOffered = ({ resources }: RecoveryPanel, { resourceId }: RecoveryPoint): boolean =>
  resources.some((each) => each.resourceId === resourceId && each.ways.some(({ isOffered: is }) => is));

/** All volumes of a resource that a backup holds, now and then larger than they were. */
async function volumesOf({ chance, stage }: Town, { backupId, resourceId }: RecoveryPoint, region: string) {
  const { items } = await stage.anna.call('GET /backups/:backupId/resources', { params: { backupId } });
  const held = items.find(({ id }) => id === resourceId)?.snapshots.filter(({ state }) => state === 'completed') ?? [];
  const more = chance.pick([0, 0, 5]);
  return held
    .toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1))
    .map(({ id, sizeGiB }) => ({ snapshotId: id, zone: `${region}a`, sizeGiB: sizeGiB + more }));
}
