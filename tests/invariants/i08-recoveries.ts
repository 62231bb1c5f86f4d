import type { Seen, Truth } from './truth.ts';

/** I8: what recoveries made, replaced and took away again is as their records say. */
export const findUnlisted = (truth: Truth): string[] => [
  ...findUnlistedMade(truth),
  ...findFalseStates(truth),
  ...findLostOld(truth),
  ...findLeftByRollBack(truth),
  ...findUnended(truth),
  ...findTooMany(truth),
];

/** Everything that a recovery made is listed in its record; volumes and interfaces of a listed instance belong to it. */
function findUnlistedMade({ ours, objects }: Truth): string[] {
  const listed = new Set(objects.map(({ awsId, recoveryId }) => `${recoveryId} ${awsId}`));
  const made = ours.filter(({ tags }) => tags['cpm:recovery'] !== undefined && tags['cpm:attempt'] === undefined);
  const owners = new Map(ours.flatMap(({ id, interfaceIds = [] }) => interfaceIds.map((each) => [each, id] as const)));
  const isListed = ({ id, tags, attachments = [] }: Seen) =>
    [id, owners.get(id), ...attachments.map(({ instanceId }) => instanceId)].some((each) =>
      listed.has(`${tags['cpm:recovery']} ${each}`),
    );
  return made.filter((thing) => !isListed(thing)).map(({ id }) => `I8: ${id} is in no record of its recovery`);
}

/** What is listed as kept is there, what is listed as removed is not: things made and things replaced alike. */
function findFalseStates({ everything, objects }: Truth): string[] {
  const living = new Set(everything.filter(({ deletedAt }) => deletedAt === undefined).map(({ id }) => id));
  return objects.flatMap(({ state, awsId }) => {
    const isThere = living.has(awsId ?? '');
    if (state === 'kept' && !isThere) return [`I8: ${awsId} is listed as kept and does not exist`];
    return state === 'removed' && isThere ? [`I8: ${awsId} is listed as removed and exists`] : [];
  });
}

/**
 * Old volumes survive every failure: CPM deletes one that it did not make only as the replaced one of a recovery that says so,
 * and of which every new volume was there.
 */
function findLostOld({ everything, objects, keys }: Truth): string[] {
  const deleted = everything.filter(
    ({ type, deletedBy, tags }) =>
      type === 'volume' &&
      deletedBy?.action === 'DeleteVolume' &&
      keys.has(deletedBy.accessKey) &&
      tags['cpm:recovery'] === undefined,
  );
  return deleted.flatMap(({ id }) => {
    const record = objects.find(({ role, awsId, state }) => role === 'replaced' && awsId === id && state === 'removed');
    if (record === undefined) return [`I8: the old volume ${id} was deleted, and no recovery says so`];
    const made = objects.filter(({ role, recoveryId }) => role === 'made' && recoveryId === record.recoveryId);
    const isWhole = made.every(({ awsId, state }) => awsId !== null && state !== 'failed' && state !== 'creating');
    return isWhole ? [] : [`I8: the old volume ${id} was deleted although not all new ones were there`];
  });
}

/** What was rolled back has left nothing with its tag; what is being rolled back comes to an end. */
function findLeftByRollBack({ ours, recoveries }: Truth): string[] {
  const done = new Set<string>(recoveries.filter(({ settled }) => settled === 'rolled-back').map(({ id }) => id));
  return [
    ...ours
      .filter(({ tags, state }) => done.has(tags['cpm:recovery'] ?? '') && state !== 'terminated')
      .map(({ id }) => `I8: ${id} is there although its recovery was rolled back`),
    ...recoveries.flatMap(({ id, settled }) =>
      settled === 'rolling-back' ? [`I8: the recovery ${id} is still being rolled back`] : [],
    ),
  ];
}

/** A recovery that has ended knows of each thing what became of it. */
function findUnended({ recoveries, objects }: Truth): string[] {
  const ended = new Set(recoveries.filter(({ endedAt }) => endedAt !== null).map(({ id }) => id));
  return objects
    .filter(({ recoveryId, state }) => state === 'creating' && ended.has(recoveryId))
    .map(
      ({ recoveryId, awsId }) => `I8: the recovery ${recoveryId} has ended and is still making ${awsId ?? 'a thing'}`,
    );
}

/** However often a call was sent or its answer lost, no more was ever made than was asked for (F26). */
function findTooMany({ everything, recoveries }: Truth): string[] {
  const made = Map.groupBy(everything, ({ tags }) => tags['cpm:recovery'] ?? '');
  return recoveries.flatMap(({ id, kind, inputs }) => {
    const isVolumes = kind === 'volumes';
    const type = isVolumes ? 'volume' : kind;
    const asked = isVolumes ? lengthOf(inputs['volumes']) : Number(inputs['count'] ?? 1);
    const found = (made.get(id) ?? []).filter((thing) => thing.type === type).length;
    return found > asked ? [`I8: the recovery ${id} made ${found} times ${type} and was asked for ${asked}`] : [];
  });
}

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
