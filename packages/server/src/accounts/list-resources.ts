import type { Ec2Port, Instance, Volume } from '@cpm/aws/port';
import type { Resource } from '@cpm/contract';
import { isDatabaseKind, type TargetKind, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { DatabasePorts } from './database-ports.ts';
import { listDatabaseResources } from './list-database-resources.ts';
import { nameOf, tagList } from './tags.ts';

const GONE = new Set(['terminated', 'shutting-down', 'deleting', 'deleted']);

/** What can be protected in a region, sorted by name, with the owner's policies each is already in. */
export async function listResources(
  db: Kysely<Database>,
  ownerId: UserId,
  { ec2, databases }: Ports,
  kind: TargetKind,
): Promise<Resource[]> {
  const found = isDatabaseKind(kind)
    ? await listDatabaseResources(databases, kind)
    : kind === 'instance'
      ? await listInstanceResources(ec2)
      : await listVolumeResources(ec2);
  const policies = await policiesByResource(db, ownerId, { region: ec2.region, kind });
  return found
    .map((resource) => ({ ...resource, policies: policies.get(resource.id) ?? [] }))
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

type Ports = { readonly ec2: Ec2Port; readonly databases: DatabasePorts };
type FoundResource = Omit<Resource, 'policies'>;

async function listInstanceResources(ec2: Ec2Port): Promise<FoundResource[]> {
  const [instances, volumes] = await Promise.all([ec2.listInstances(), ec2.listVolumes()]);
  const byId = new Map(volumes.map((volume) => [volume.volumeId, volume]));
  return instances
    .filter(({ state }) => !GONE.has(state))
    .map((instance) => instanceResource(instance, byId, ec2.region));
}

function instanceResource(instance: Instance, volumesById: Map<string, Volume>, region: string): FoundResource {
  const volumes = instance.blockDevices.map(({ deviceName, volumeId }) => ({
    id: volumeId,
    device: deviceName,
    isRoot: deviceName === instance.rootDeviceName,
    sizeGiB: volumesById.get(volumeId)?.sizeGiB ?? 0,
  }));
  return {
    kind: 'instance',
    id: instance.instanceId,
    name: nameOf(instance.tags),
    region,
    zone: instance.zone,
    type: instance.instanceType,
    state: instance.state,
    sizeGiB: volumes.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
    platform: instance.platformDetails ?? instance.platform,
    tags: tagList(instance.tags),
    volumes,
    attachedTo: null,
    database: null,
    cannotBeTarget: null,
  };
}

async function listVolumeResources(ec2: Ec2Port): Promise<FoundResource[]> {
  const volumes = await ec2.listVolumes();
  return volumes
    .filter(({ state }) => !GONE.has(state))
    .map((volume) => ({
      kind: 'volume' as const,
      id: volume.volumeId,
      name: nameOf(volume.tags),
      region: ec2.region,
      zone: volume.zone,
      type: volume.type,
      state: volume.state,
      sizeGiB: volume.sizeGiB,
      platform: '',
      tags: tagList(volume.tags),
      volumes: [],
      attachedTo: volume.attachments[0]?.instanceId ?? null,
      database: null,
      cannotBeTarget: null,
    }));
}

async function policiesByResource(
  db: Kysely<Database>,
  ownerId: UserId,
  { region, kind }: { readonly region: string; readonly kind: TargetKind },
): Promise<Map<string, { id: string; name: string }[]>> {
  const rows = await db
    .selectFrom('policy_targets')
    .innerJoin('policies', 'policies.id', 'policy_targets.policy_id')
    .select(['policy_targets.resource_id as resourceId', 'policies.id', 'policies.name'])
    .where('policy_targets.owner_id', '=', ownerId)
    .where('policy_targets.region', '=', region)
    // A database and a cluster may bear the same identifier.
    .where('policy_targets.kind', '=', kind)
    .where('policies.removed_at', 'is', null)
    .orderBy('policies.name')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.resourceId);
  return new Map([...grouped].map(([resourceId, each]) => [resourceId, each.map(({ id, name }) => ({ id, name }))]));
}
