import type { InstanceDetails, Tags, Volume } from '@cpm/aws/port';
import type { RecoveryObjectKind } from '@cpm/core';
import type { RecoveryAccess } from './recovery-access.ts';
import type { ObjectRow } from './recovery-objects.store.ts';

/** A thing in AWS, as much of it as rolling back has to know. */
export type SeenThing = { readonly state: string; readonly tags: Tags };

/** What AWS shows now of the objects of a recovery. */
export type Looks = {
  readonly instances: ReadonlyMap<string, InstanceDetails>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Any object that is there, by kind and id; absent where AWS does not show it. */
  readonly find: (object: ObjectRow) => SeenThing | undefined;
};

/** Looks at everything that a roll back has to do with, and at the instances that its volumes are, or were, attached to. */
export async function lookAt(access: RecoveryAccess, objects: readonly ObjectRow[]): Promise<Looks> {
  const { ec2, rds, redshift } = access;
  const ids = (kind: RecoveryObjectKind): string[] =>
    objects.flatMap((object) => (object.kind === kind && object.awsId !== null ? [object.awsId] : []));
  const volumes = new Map((await ec2.describeVolumes(ids('volume'))).map((volume) => [volume.volumeId, volume]));
  const hosts = [
    ...ids('instance'),
    ...[...volumes.values()].flatMap(({ attachments }) => attachments.map(({ instanceId }) => instanceId)),
    ...objects.flatMap(({ takenFrom }) => (takenFrom === null ? [] : [takenFrom.instanceId])),
  ];
  const [instances, images, databases, databaseClusters, clusters] = await Promise.all([
    ec2.describeInstances([...new Set(hosts)]),
    ec2.describeImages(ids('image')),
    rds.describeDatabases(ids('database')),
    rds.describeDatabaseClusters(ids('database-cluster')),
    redshift.describeClusters(ids('redshift-cluster')),
  ]);
  const things: Readonly<Record<RecoveryObjectKind, ReadonlyMap<string, SeenThing>>> = {
    volume: volumes,
    instance: new Map(instances.map((each) => [each.instanceId, each])),
    image: new Map(images.map((each) => [each.imageId, each])),
    attachment: new Map(),
    database: new Map(databases.map((each) => [each.databaseId, each])),
    'database-cluster': new Map(databaseClusters.map((each) => [each.clusterId, each])),
    'redshift-cluster': new Map(clusters.map((each) => [each.clusterId, each])),
  };
  return {
    instances: new Map(instances.map((each) => [each.instanceId, each])),
    volumes,
    find: ({ kind, awsId }) => things[kind].get(awsId ?? ''),
  };
}
