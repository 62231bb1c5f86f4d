import type { Tags } from '@cpm/aws/port';
import { snapshotTags, withSourceTags, type SnapshotLabels } from '@cpm/core';
import type { SnapshotRow } from './snapshots.store.ts';

type SourceTags = readonly { readonly key: string; readonly value: string }[];

/** The tags of one snapshot call. */
export type CallTags = {
  readonly tags: Tags;
  /** Whether AWS is to add each volume's own tags itself. */
  readonly copies: boolean;
  /** Keys of source tags that there is no room for. */
  readonly dropped: readonly string[];
};

/**
 * CPM's tags with those of the sources where asked (BKP-3). A call for several volumes names one set of tags for all: AWS copies
 * each volume's own, unless one has too many or bears a key of CPM's; then only what all volumes have alike is taken along.
 */
export function tagsOf(rows: readonly SnapshotRow[], labels: SnapshotLabels, copySourceTags: boolean): CallTags {
  const own = snapshotTags(labels);
  const asTags = (tags: SourceTags): Tags => Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  if (!copySourceTags) return { tags: asTags(own), copies: false, dropped: [] };
  const sources = rows.map(({ volumeTags }) => volumeTags);
  const isOwnCall = rows[0]?.ownCall === true;
  const fits = (tags: SourceTags) =>
    withSourceTags(own, tags).dropped.length === 0 && !tags.some(({ key }) => /^cpm:/i.test(key));
  if (!isOwnCall && sources.every(fits)) return { tags: asTags(own), copies: true, dropped: [] };
  const { tags } = withSourceTags(own, inAll(sources));
  const taken = new Set(tags.map(({ key }) => key));
  const left = sources.flat().filter(({ key }) => !taken.has(key) && !/^(?:aws|cpm):/i.test(key));
  return { tags: asTags(tags), copies: false, dropped: [...new Set(left.map(({ key }) => key))].toSorted() };
}

/** What all of them have, key and value. */
function inAll([first = [], ...others]: readonly SourceTags[]): SourceTags {
  return first.filter(({ key, value }) =>
    others.every((tags) => tags.some((tag) => tag.key === key && tag.value === value)),
  );
}
