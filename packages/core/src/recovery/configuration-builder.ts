import { parseSnapshotId } from '../ids.ts';
import { instant } from '../time.ts';
import type { HeldDevice } from './attach-volume.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { RecoverableVolume } from './recoverable-volume.ts';

/** A running Linux instance of today with a root and one data volume, for tests that care about a few of its parts. */
export function buildConfiguration(parts: Partial<InstanceConfiguration> = {}): InstanceConfiguration {
  const volume = {
    deleteOnTermination: true,
    sizeGiB: 8,
    volumeType: 'gp3',
    iops: 3000,
    throughputMiBps: 125,
    isEncrypted: false,
    kmsKeyId: null,
    zone: 'eu-central-1a',
    tags: [],
  } as const;
  return {
    instanceId: 'i-00000001',
    region: 'eu-central-1',
    recordedAt: instant(0),
    state: 'running',
    launchedAt: null,
    instanceType: 'm7i.large',
    lifecycle: null,
    image: { imageId: 'ami-00000001', details: null },
    architecture: 'x86_64',
    virtualizationType: 'hvm',
    rootDeviceName: '/dev/xvda',
    rootDeviceType: 'ebs',
    bootMode: 'uefi-preferred',
    currentBootMode: 'uefi',
    isEnaSupported: true,
    sriovNetSupport: null,
    tpmSupport: null,
    uefiData: null,
    kernelId: null,
    ramdiskId: null,
    platform: null,
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    productCodes: [],
    keyName: 'ops',
    placement: { zone: 'eu-central-1a', groupName: null, tenancy: 'default', hostId: null, partitionNumber: null },
    vpcId: 'vpc-00000001',
    subnetId: 'subnet-00000001',
    privateIp: '10.0.1.20',
    securityGroups: [{ groupId: 'sg-00000001', groupName: 'web' }],
    networkInterfaces: [],
    instanceProfileArn: null,
    userDataBase64: null,
    tags: [{ key: 'Name', value: 'web-1' }],
    volumes: [
      { ...volume, deviceName: '/dev/xvda', volumeId: 'vol-00000001' },
      { ...volume, deviceName: '/dev/sdf', volumeId: 'vol-00000002' },
    ],
    isMonitored: false,
    isEbsOptimized: true,
    shutdownBehavior: 'stop',
    isTerminationProtected: true,
    isStopProtected: false,
    isHibernationConfigured: false,
    isEnclaveEnabled: false,
    cpuOptions: { coreCount: 1, threadsPerCore: 2 },
    cpuCredits: null,
    metadataOptions: {
      httpEndpoint: 'enabled',
      httpTokens: 'required',
      httpPutResponseHopLimit: 2,
      instanceMetadataTags: null,
    },
    ...parts,
  };
}

type VolumeParts = Partial<Omit<RecoverableVolume, 'original'>> & {
  readonly original?: Partial<RecoverableVolume['original']>;
};

/** The completed snapshot of an 8 GiB gp3 data volume; the number tells its ids. */
export function buildVolume(n: number, { original, ...parts }: VolumeParts = {}): RecoverableVolume {
  return {
    snapshotId: parseSnapshotId(`0000000${n}-0000-4000-8000-000000000000`),
    awsSnapshotId: `snap-0000000${n}`,
    isCompleted: true,
    sizeGiB: 8,
    isRoot: false,
    ...parts,
    original: {
      volumeId: `vol-0000000${n}`,
      zone: 'eu-central-1a',
      volumeType: 'gp3',
      iops: 3000,
      throughputMiBps: 125,
      deviceName: '/dev/sdf',
      deleteOnTermination: true,
      tags: [],
      ...original,
    },
  };
}

/** The root of `buildConfiguration`'s instance. */
export function buildRoot(parts: VolumeParts = {}): RecoverableVolume {
  return buildVolume(1, { isRoot: true, ...parts, original: { deviceName: '/dev/xvda', ...parts.original } });
}

/** A volume that an instance has at the device, and no other instance. */
export function attached(deviceName: string, parts: Partial<HeldDevice> = {}): HeldDevice {
  const volumeId = `vol-at${deviceName.replaceAll('/', '-')}`;
  return { deviceName, volumeId, name: '', state: 'attached', deleteOnTermination: false, attachedTo: 1, ...parts };
}
