import type { Tag } from './instance-configuration.ts';
import type { LaunchPlan } from './instance-recovery.ts';

export type LaunchVolumeTags = {
  /** On every volume of the launch, so that they go into the call itself. */
  readonly shared: readonly Tag[];
  /** What volumes have besides, each set once with its devices: they are set once the volumes have ids. */
  readonly own: readonly { readonly deviceNames: readonly string[]; readonly tags: readonly Tag[] }[];
};

/** How the originals' tags get onto the new volumes with the fewest calls: a launch tags all of its volumes alike. */
export function splitVolumeTags({
  volumeTags,
  dataVolumes,
}: Pick<LaunchPlan, 'volumeTags' | 'dataVolumes'>): LaunchVolumeTags {
  // The root is one more; where any volume is not among them, nothing is on all of them.
  const isOnAll = volumeTags.length === dataVolumes.length + 1;
  const [first] = volumeTags;
  const has = (tags: readonly Tag[], { key, value }: Tag) => tags.some((tag) => tag.key === key && tag.value === value);
  const shared =
    isOnAll && first !== undefined ? first.tags.filter((tag) => volumeTags.every(({ tags }) => has(tags, tag))) : [];
  const rest = volumeTags
    .map(({ deviceName, tags }) => ({ deviceName, tags: tags.filter((tag) => !has(shared, tag)) }))
    .filter(({ tags }) => tags.length > 0);
  const sets = Map.groupBy(rest, ({ tags }) => JSON.stringify(tags));
  const own = [...sets.values()].map((alike) => ({
    deviceNames: alike.map(({ deviceName }) => deviceName),
    tags: alike[0]?.tags ?? [],
  }));
  return { shared, own };
}
