import { isDatabaseIdentifier, isEc2Id, isRegionName } from '../aws-names.ts';
import type { FieldError } from '../errors.ts';

/** Which of an instance's attached volumes are snapshotted; `none` records the configuration alone. */
export type VolumeChoice =
  | { readonly take: 'all' }
  | { readonly take: 'some'; readonly volumeIds: readonly string[] }
  | { readonly take: 'none' };

export type InstanceTarget = {
  readonly kind: 'instance';
  readonly region: string;
  readonly instanceId: string;
  readonly volumes: VolumeChoice;
};

/** A volume that is backed up whatever it is attached to. */
export type VolumeTarget = { readonly kind: 'volume'; readonly region: string; readonly volumeId: string };

/** A database or cluster that AWS snapshots as a whole, named by the identifier its owner gave it. */
export type DatabaseTarget = {
  /** `database` an RDS DB instance, `database-cluster` an Aurora (or Multi-AZ) DB cluster. */
  readonly kind: 'database' | 'database-cluster' | 'redshift-cluster';
  readonly region: string;
  readonly identifier: string;
};

export type Target = InstanceTarget | VolumeTarget | DatabaseTarget;

export const TARGET_KINDS = ['instance', 'volume', 'database', 'database-cluster', 'redshift-cluster'] as const;
export type TargetKind = Target['kind'];

/** The words that people read for a kind of target. */
export function describeTargetKind(kind: TargetKind): string {
  switch (kind) {
    case 'instance':
    case 'volume':
    case 'database':
      return kind;
    case 'database-cluster':
      return 'database cluster';
    case 'redshift-cluster':
      return 'Redshift cluster';
  }
}

/** The AWS id of what the target names; for a database or cluster its identifier. */
export function resourceIdOf(target: Target): string {
  if (target.kind === 'instance') return target.instanceId;
  return target.kind === 'volume' ? target.volumeId : target.identifier;
}

/** The target of a kind that names this resource; `volumes` is read for instances only. */
export function targetOf(kind: TargetKind, { region, resourceId, volumes = { take: 'all' } }: NamedResource): Target {
  if (kind === 'instance') return { kind, region, instanceId: resourceId, volumes };
  if (kind === 'volume') return { kind, region, volumeId: resourceId };
  // RDS and Redshift keep identifiers in lower case, whatever was typed.
  return { kind, region, identifier: resourceId.toLowerCase() };
}

export type NamedResource = {
  readonly region: string;
  readonly resourceId: string;
  readonly volumes?: VolumeChoice | undefined;
};

/** One text for one resource: two targets with the same key are the same resource. */
export function targetKey(target: Target): string {
  return resourceKey(target.kind, target.region, resourceIdOf(target));
}

/** The same of a resource by its parts: a database and a cluster may bear the same identifier. */
export function resourceKey(kind: TargetKind, region: string, resourceId: string): string {
  return `${kind}/${region}/${resourceId}`;
}

/** The target as a user reads it: `instance i-0abc in eu-central-1`. */
export function describeTarget(target: Target): string {
  return `${describeTargetKind(target.kind)} ${resourceIdOf(target)} in ${target.region}`;
}

/** All that is wrong with targets to add (POL-2), beside those that the policy has; duplicates are refused. */
export function validateTargets(added: readonly Target[], existing: readonly Target[] = []): FieldError[] {
  const seen = new Set(existing.map(targetKey));
  return added.flatMap((target, index) => {
    const errors = validateTarget(target).map(({ path, message }) => ({ path: `targets.${index}.${path}`, message }));
    const key = targetKey(target);
    if (seen.has(key))
      errors.push({ path: `targets.${index}`, message: `${resourceIdOf(target)} is in this policy already` });
    seen.add(key);
    return errors;
  });
}

function validateTarget(target: Target): FieldError[] {
  const errors: FieldError[] = [];
  if (!isRegionName(target.region)) errors.push({ path: 'region', message: 'is no name of an AWS region' });
  if (target.kind === 'volume') {
    if (!isEc2Id('vol', target.volumeId))
      errors.push({ path: 'volumeId', message: 'is no volume id such as vol-0123456789abcdef0' });
    return errors;
  }
  if (target.kind !== 'instance') {
    const message = `is no identifier of a ${describeTargetKind(target.kind)}: a letter, then letters, digits or single hyphens, 63 at most`;
    return isDatabaseIdentifier(target.identifier) ? errors : [...errors, { path: 'identifier', message }];
  }
  if (!isEc2Id('i', target.instanceId))
    errors.push({ path: 'instanceId', message: 'is no instance id such as i-0123456789abcdef0' });
  return [...errors, ...validateVolumeChoice(target.volumes)];
}

/** All that is wrong with the choice of an instance's volumes: an empty list, a wrong id, the same id twice. */
export function validateVolumeChoice(choice: VolumeChoice): FieldError[] {
  if (choice.take !== 'some') return [];
  const path = 'volumes.volumeIds';
  if (choice.volumeIds.length === 0) return [{ path, message: 'name at least one volume, or take none' }];
  const seen = new Set<string>();
  return choice.volumeIds.flatMap((volumeId, index) => {
    const isRepeated = seen.has(volumeId);
    seen.add(volumeId);
    if (!isEc2Id('vol', volumeId))
      return [{ path: `${path}.${index}`, message: 'is no volume id such as vol-0123456789abcdef0' }];
    return isRepeated ? [{ path: `${path}.${index}`, message: `${volumeId} is named twice` }] : [];
  });
}
