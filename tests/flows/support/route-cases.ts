import { randomUUID } from 'node:crypto';
import { apiRoutes, type RouteDef } from '@cpm/contract';

/** The routes of the API that need a sign-in, in the order of the contract. */
export const guardedRoutes: readonly RouteDef[] = apiRoutes.filter(({ access }) => access !== 'public');
/** Those among them that name a thing by id in their path. */
export const routesWithIds = guardedRoutes.filter(({ path }) => /:\w+Id/.test(path));
/** Those among them that take a body. */
export const routesWithBody = guardedRoutes.filter(({ body }) => body !== undefined);

export type Ids = Readonly<Record<string, string>>;

/** A body that each route's schema takes, with ids of things that do not exist unless given. */
const BODIES: Readonly<Record<string, (ids: Ids) => unknown>> = {
  createToken: () => ({ name: `token ${randomUUID()}` }),
  createAccount: () => ({ name: 'x', accessKeyId: 'AKIAACMEPRODUCTION01', secretAccessKey: 'x'.repeat(40) }),
  changeAccount: () => ({ name: `renamed ${randomUUID()}` }),
  createSchedule: () => schedule(),
  previewSchedule: () => ({ repeat: { every: 1, unit: 'days' }, zone: 'UTC', startLocal: '2030-01-01T00:00' }),
  changeSchedule: () => schedule(),
  createPolicy: (ids) => ({ name: `policy-${randomUUID()}`, accountId: ids['accountId'] ?? randomUUID() }),
  freezeBackup: () => ({ name: `frozen ${randomUUID()}` }),
  changeFrozenBackup: () => ({ description: 'changed' }),
  changeSettings: () => ({ reconcileEveryHours: 6 }),
  testPolicyScript: () => ({ argument: '1' }),
  clonePolicy: () => ({ name: `policy-${randomUUID()}` }),
  changePolicy: () => ({ description: 'changed' }),
  addTargets: () => ({ targets: [{ kind: 'volume', region: 'us-east-1', resourceId: 'vol-0123456789abcdef0' }] }),
  changeTarget: () => ({ volumes: { take: 'none' } }),
  recoverVolumes: (ids) => volumesWish(ids),
  planVolumeRecovery: (ids) => volumesWish(ids),
  recoverInstance: (ids) => instanceWish(ids),
  planInstanceRecovery: (ids) => instanceWish(ids),
  recoverInstances: (ids) => ({ instances: [instanceWish(ids)] }),
  recoverDatabase: (ids) => databaseWish(ids),
  planDatabaseRecovery: (ids) => databaseWish(ids),
  recoverDatabaseCluster: (ids) => databaseWish(ids),
  planDatabaseClusterRecovery: (ids) => databaseWish(ids),
  recoverRedshiftCluster: (ids) => databaseWish(ids),
  planRedshiftClusterRecovery: (ids) => databaseWish(ids),
  rollBackRecovery: () => ({ confirmObjects: 1 }),
};

const volumesWish = (ids: Ids) => ({ volumes: [{ snapshotId: ids['snapshotId'] ?? randomUUID() }] });
const instanceWish = (ids: Ids) => ({ resourceId: ids['resourceId'] ?? randomUUID(), privateIp: null });
const databaseWish = (ids: Ids) => ({ resourceId: ids['resourceId'] ?? randomUUID() });

const schedule = () => ({
  name: `schedule ${randomUUID()}`,
  repeat: { every: 1, unit: 'days' },
  zone: 'UTC',
  startLocal: '2030-01-01T00:00',
});

/** A body that the route takes; undefined where it takes none. Fails for a route nobody has thought of here. */
export function bodyOf({ id, body }: RouteDef, ids: Ids = {}): unknown {
  if (body === undefined) return undefined;
  const make = BODIES[id];
  if (make === undefined) throw new Error(`the route ${id} needs a body here`);
  return make(ids);
}

/** Parameters of paths that are no ids. */
const OTHER_PARAMETERS: Readonly<Record<string, string>> = { region: 'us-east-1', step: 'before' };

/** The path of a route with the ids and a query that it takes. */
export function pathOf({ path, query }: RouteDef, ids: Ids): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? OTHER_PARAMETERS[name] ?? randomUUID());
  return query !== undefined && 'kind' in query.shape ? `${filled}?kind=instance` : filled;
}

/** The names of the ids in a route's path. */
export const idNames = ({ path }: RouteDef): string[] => [...path.matchAll(/:(\w+Id)/g)].map(([, name = '']) => name);
