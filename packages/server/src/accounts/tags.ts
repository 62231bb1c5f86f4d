import type { Tags } from '@cpm/aws/port';
import type { Tag } from '@cpm/core';

/** The `Name` tag; strangers write it, so it is only ever shown as text. */
export const nameOf = (tags: Tags): string => tags['Name'] ?? '';

/** Tags in order of their keys. */
export const tagList = (tags: Tags): Tag[] =>
  Object.entries(tags)
    .map(([key, value]) => ({ key, value }))
    .toSorted((a, b) => a.key.localeCompare(b.key));
