import type { BackedUpResource, RecoveryChoices, Snapshot } from '@cpm/contract';

/** A completed snapshot of an instance's root volume, for tests that care about a few of its parts. */
export const sampleSnapshot = (parts: Partial<Snapshot> = {}): Snapshot => ({
  id: '00000000-0000-4000-8000-0000000000a1',
  awsSnapshotId: 'snap-00000001',
  resourceKind: 'instance',
  service: 'ebs',
  resourceId: 'i-00000001',
  resourceName: 'web-1',
  region: 'eu-central-1',
  sourceId: 'vol-00000001',
  device: '/dev/xvda',
  isRoot: true,
  sizeGiB: 20,
  encrypted: false,
  state: 'completed',
  progressPercent: 100,
  startedAt: null,
  completedAt: null,
  message: null,
  ...parts,
});

/** An instance with a root and a data volume, as a backup tells it. */
export const sampleResource = (parts: Partial<BackedUpResource> = {}): BackedUpResource => ({
  id: '00000000-0000-4000-8000-000000000001',
  kind: 'instance',
  region: 'eu-central-1',
  resourceId: 'i-00000001',
  resourceName: 'web-1',
  platform: 'Linux/UNIX',
  instanceType: 'm7i.large',
  zone: 'eu-central-1a',
  state: 'recoverable',
  message: null,
  canRecoverInstance: true,
  cannotRecoverBecause: null,
  snapshots: [
    sampleSnapshot({
      id: '00000000-0000-4000-8000-0000000000a2',
      sourceId: 'vol-00000002',
      device: '/dev/sdf',
      isRoot: false,
      sizeGiB: 50,
    }),
    sampleSnapshot(),
  ],
  configuration: null,
  database: null,
  ...parts,
});

export const sampleChoices: RecoveryChoices = {
  zones: ['eu-central-1a', 'eu-central-1b'],
  subnets: [
    {
      id: 'subnet-0000000a',
      name: 'a',
      vpcId: 'vpc-0000000a',
      zone: 'eu-central-1a',
      cidr: '10.0.1.0/24',
      freeAddresses: 9,
      isDefaultForZone: false,
    },
    {
      id: 'subnet-0000000b',
      name: 'b',
      vpcId: 'vpc-0000000b',
      zone: 'eu-central-1b',
      cidr: '10.1.1.0/24',
      freeAddresses: 9,
      isDefaultForZone: false,
    },
  ],
  securityGroups: [
    { id: 'sg-0000000a', name: 'web', vpcId: 'vpc-0000000a', description: '' },
    { id: 'sg-0000000b', name: 'web', vpcId: 'vpc-0000000b', description: '' },
  ],
  placementGroups: [],
  keyPairs: ['ops'],
  instances: [
    { id: 'i-0000000a', name: 'web-1', zone: 'eu-central-1a', state: 'running', devices: ['/dev/xvda', '/dev/sdf'] },
    { id: 'i-0000000b', name: 'web-2', zone: 'eu-central-1a', state: 'stopped', devices: ['/dev/xvda', '/dev/sdf'] },
  ],
};
