import { isSnapshot, type Truth } from './truth.ts';

/** F1: of each source there is at most one living snapshot a backup, and no attempt was sent twice. */
export function findDoubles({ ours, everything, installation }: Truth): string[] {
  const groups = Map.groupBy(
    ours.filter(isSnapshot),
    ({ type, region, tags, volumeId, id }) =>
      `${type} ${region} ${tags['cpm:backup']} ${volumeId ?? tags['cpm:source'] ?? id}`,
  );
  const doubled = [...groups].flatMap(([key, { length }]) =>
    length > 1 ? [`F1: ${length} snapshots of one backup and source: ${key}`] : [],
  );
  const attempts = Map.groupBy(
    everything.filter((thing) => isSnapshot(thing) && thing.tags['cpm:installation'] === installation),
    ({ tags }) => tags['cpm:attempt'] ?? '',
  );
  const resent = [...attempts].flatMap(([attempt, made]) => {
    const requests = new Set(made.map(({ madeBy }) => madeBy.requestId));
    return requests.size > 1 ? [`F1: the attempt ${attempt} was carried out by ${requests.size} calls`] : [];
  });
  return [...doubled, ...resent];
}
