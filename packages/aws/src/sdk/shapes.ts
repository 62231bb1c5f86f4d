import type { Tag, TagSpecification, ResourceType } from '@aws-sdk/client-ec2';
import type { Instant } from '@cpm/core';
import type { Tags } from '../port/access.ts';

/** The SDK's date as CPM's instant; null for none or one that cannot be read. */
export function instantOf(date: Date | undefined): Instant | null {
  const epochMs = date?.getTime();
  return epochMs === undefined || Number.isNaN(epochMs) ? null : (epochMs as Instant);
}

/** Tags as a record whose keys are all its own, whatever strangers called them (`__proto__`). */
export function tagsOf(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

export function toSdkTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags that AWS applies together with the creation: it fails or has its tags, nothing between. */
export function tagSpecifications(type: ResourceType, tags: Tags): TagSpecification[] | undefined {
  const Tags = toSdkTags(tags);
  return Tags.length === 0 ? undefined : [{ ResourceType: type, Tags }];
}

/** What the SDK leaves undefined is null in the ports; so are empty texts, which AWS writes for "none" here and there. */
export function orNull<Value>(value: Value | undefined): Value | null {
  return value === undefined || value === '' ? null : value;
}

/** For requests: null leaves the parameter out. */
export function orLeftOut<Value>(value: Value | null): Value | undefined {
  return value ?? undefined;
}
