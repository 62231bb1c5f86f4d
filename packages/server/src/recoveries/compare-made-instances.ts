import type { Volume } from '@cpm/aws/port';
import {
  compareAttachedVolumes,
  compareInstances,
  type ComparedField,
  type ComparedInstance,
  type InstanceConfiguration,
} from '@cpm/core';
import { completeConfiguration, describeInstance } from '../backups/instance-configuration.ts';
import { userDataBinding } from '../backups/record-configurations.ts';
import type { ResourceRow } from '../backups/snapshots.store.ts';
import { madeVolume, originalVolume } from './compare-made-volumes.ts';
import { inputsOf, unrecorded, type Compared, type ComparisonScene } from './comparison-scene.ts';
import { GONE } from './recoverable-volumes.ts';

/** An instance as it was recorded beside the one that came back, with every volume of it. */
export async function compareMadeInstance(scene: ComparisonScene, instanceId: string): Promise<Compared> {
  const { access, context, inputs, resource } = scene;
  const read = await access.ec2.readInstanceConfiguration(instanceId);
  if (read === null || GONE.has(read.instance.state)) return null;
  if (resource === undefined || resource.configuration === null) return unrecorded(resource?.resourceId ?? '');
  const volumes = await access.ec2.describeVolumes(read.instance.blockDevices.map(({ volumeId }) => volumeId));
  const bare = describeInstance(read.instance, access.region, context.clock.now());
  const recovered: ComparedInstance = {
    ...completeConfiguration(bare, { attributes: read.attributes, image: read.image, volumes }),
    untold: namesOf(read.attributes.unknown),
    userDataBase64: namesOf(read.attributes.unknown).includes('userData') ? undefined : read.attributes.userDataBase64,
  };
  const original: ComparedInstance = {
    ...resource.configuration,
    untold: [],
    userDataBase64: userDataOf(scene, resource),
  };
  return {
    original: resource.resourceId,
    fields: [
      ...compareInstances(original, recovered, inputs),
      ...compareDisks(scene, resource, { instanceId, volumes, original }),
    ],
  };
}

/** `disableApiStop: InvalidParameterValue` names the attribute before the code. */
const namesOf = (unknown: readonly string[]): string[] => unknown.map((text) => text.split(':')[0] ?? '');

function userDataOf({ context }: ComparisonScene, { id, sealedUserData }: ResourceRow): string | null {
  return sealedUserData === null ? null : context.secrets.open(sealedUserData, userDataBinding(id));
}

type Disks = {
  readonly instanceId: string;
  readonly volumes: readonly Volume[];
  readonly original: Pick<InstanceConfiguration, 'volumes'>;
};

/** Each volume of the original beside the one of its snapshot; a volume without a snapshot stayed out, which is told too. */
function compareDisks(scene: ComparisonScene, resource: ResourceRow, disks: Disks): ComparedField[] {
  const { instanceId, volumes, original } = disks;
  const snapshots = scene.snapshots.filter(
    ({ resourceId, service }) => resourceId === resource.id && service === 'ebs',
  );
  const covered = new Set(snapshots.map(({ sourceId }) => sourceId));
  return [
    ...snapshots.flatMap((snapshot) => {
      const made = volumes.find(({ awsSnapshotId }) => awsSnapshotId === snapshot.awsSnapshotId);
      const recovered = made === undefined ? null : madeVolume(made, instanceId);
      return compareAttachedVolumes(originalVolume(scene, snapshot), recovered, inputsOf(scene, snapshot.id));
    }),
    ...original.volumes
      .filter(({ volumeId }) => !covered.has(volumeId))
      .map(({ deviceName }) => ({
        field: `volume ${deviceName}`,
        original: 'there',
        recovered: 'not backed up',
        verdict: 'different' as const,
      })),
  ];
}
