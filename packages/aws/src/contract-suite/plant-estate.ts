import { randomUUID } from 'node:crypto';
import type { Ec2Port } from '../port/ec2.ts';
import type { RunInstancesInput } from '../port/ec2-launch.ts';
import type { CreateVolumeInput } from '../port/ec2-volumes.ts';
import type { BackEnd } from './back-end.ts';
import { until, type Estate } from './stage.ts';

export const USER_DATA = Buffer.from('#!/bin/sh\necho hello\n').toString('base64');

/** One running instance with a root and two data volumes, and the image it was launched from. */
export async function plantEstate(ec2: Ec2Port, backEnd: BackEnd): Promise<Estate> {
  const subnets = await ec2.describeSubnets();
  const subnet = subnets.find((candidate) => candidate.defaultForZone) ?? subnets[0];
  if (subnet === undefined) throw new Error('the back end has no subnet');
  const { imageId, imageSnapshotId } = await plantImage(ec2, backEnd, subnet.zone);
  const [launched] = await ec2.runInstances(launchInput({ imageId, subnetId: subnet.subnetId }));
  if (launched === undefined) throw new Error('nothing was launched');
  const instance = await until(backEnd, 'the instance runs with its volumes', async () => {
    const [found] = await ec2.describeInstances([launched.instanceId]);
    return found?.state === 'running' && found.blockDevices.length === 3 ? found : null;
  });
  const onDevice = (name: string) =>
    instance.blockDevices.find(({ deviceName }) => deviceName === name)?.volumeId ?? '';
  const zones = await ec2.describeZones();
  return {
    zone: subnet.zone,
    otherZone: zones.find(({ name, kind }) => name !== subnet.zone && kind === 'availability-zone')?.name ?? '',
    subnetId: subnet.subnetId,
    imageId,
    imageSnapshotId,
    instanceId: launched.instanceId,
    rootVolumeId: onDevice('/dev/sda1'),
    dataVolumeIds: [onDevice('/dev/sdf'), onDevice('/dev/sdg')],
  };
}

async function plantImage(ec2: Ec2Port, backEnd: BackEnd, zone: string) {
  const volume = await ec2.createVolume(volumeInput({ zone, sizeGiB: 8 }));
  const imageSnapshotId = await snapshotOf(ec2, backEnd, volume.volumeId);
  await ec2.deleteVolume(volume.volumeId);
  const imageId = await ec2.registerImage(
    imageInput({ awsSnapshotId: imageSnapshotId, name: `suite ${randomUUID()}` }),
  );
  await until(backEnd, 'the image is available', async () => {
    const [image] = await ec2.describeImages([imageId]);
    return image?.state === 'available';
  });
  return { imageId, imageSnapshotId };
}

/** A completed snapshot of the volume. */
export async function snapshotOf(ec2: Ec2Port, backEnd: BackEnd, volumeId: string): Promise<string> {
  await until(backEnd, 'the volume is there', async () => {
    const [volume] = await ec2.describeVolumes([volumeId]);
    return volume?.state === 'available' || volume?.state === 'in-use';
  });
  const { awsSnapshotId } = await ec2.createSnapshot({ volumeId, description: 'suite', tags: { suite: 'yes' } });
  await until(backEnd, 'the snapshot is completed', async () => {
    const [snapshot] = await ec2.describeSnapshots([awsSnapshotId]);
    return snapshot?.state === 'completed';
  });
  return awsSnapshotId;
}

export function volumeInput(given: Pick<CreateVolumeInput, 'zone'> & Partial<CreateVolumeInput>): CreateVolumeInput {
  const rest = {
    awsSnapshotId: null,
    sizeGiB: null,
    iops: null,
    throughputMiBs: null,
    encrypted: null,
    kmsKeyId: null,
  };
  return { clientToken: randomUUID(), type: 'gp3', tags: { suite: 'yes' }, ...rest, ...given };
}

export function imageInput({ awsSnapshotId, name }: { readonly awsSnapshotId: string; readonly name: string }) {
  const root = { deviceName: '/dev/sda1', awsSnapshotId, sizeGiB: 8, type: 'gp3', iops: null, throughputMiBs: null };
  const boot = { sriovNetSupport: 'simple', bootMode: 'uefi-preferred', tpmSupport: null, uefiDataBase64: null };
  return {
    name,
    description: 'made by the contract suite',
    architecture: 'x86_64',
    virtualizationType: 'hvm',
    rootDeviceName: '/dev/sda1',
    blockDevices: [{ ...root, deleteOnTermination: true }],
    enaSupport: true,
    ...boot,
    imdsSupport: null,
    kernelId: null,
    ramdiskId: null,
    tags: { suite: 'yes' },
  };
}

export function launchInput(
  given: Pick<RunInstancesInput, 'imageId' | 'subnetId'> & Partial<RunInstancesInput>,
): RunInstancesInput {
  return {
    clientToken: randomUUID(),
    count: 1,
    instanceType: 'm5.large',
    keyName: null,
    privateIp: null,
    securityGroupIds: [],
    assignPublicIp: null,
    userDataBase64: USER_DATA,
    instanceProfileArn: null,
    blockDevices: [emptyDevice('/dev/sda1', 8), emptyDevice('/dev/sdf', 10), emptyDevice('/dev/sdg', 20)],
    shutdownBehaviour: 'stop',
    disableApiTermination: null,
    disableApiStop: null,
    hibernation: null,
    enclave: null,
    cpuOptions: null,
    cpuCredits: null,
    monitoring: null,
    ebsOptimized: null,
    kernelId: null,
    ramdiskId: null,
    tenancy: null,
    placementGroup: null,
    partitionNumber: null,
    hostId: null,
    httpTokens: 'required',
    httpHopLimit: 2,
    httpEndpoint: 'enabled',
    instanceMetadataTags: null,
    instanceTags: { Name: 'web', 'cpm backup': 'nightly' },
    volumeTags: { team: 'blue' },
    secondaryPrivateIps: [],
    interfaceDescription: null,
    furtherInterfaces: [],
    networkInterfaceTags: {},
    ...given,
  };
}

function emptyDevice(deviceName: string, sizeGiB: number) {
  const rest = { iops: null, throughputMiBs: null, encrypted: null, kmsKeyId: null };
  return {
    kind: 'volume',
    deviceName,
    awsSnapshotId: null,
    sizeGiB,
    type: 'gp3',
    deleteOnTermination: true,
    ...rest,
  } as const;
}
