import type { BackedUpResource, Snapshot } from '@cpm/contract';
import type { ImageHandling, LaunchSource } from '@cpm/core';
import { ACCOUNTS_CREDENTIALS, type CredentialsValues } from './credentials-values.ts';
import type { YesNo } from './form-parts.ts';
import { AS_BACKED_UP, type ShapeValues } from './volume-shape.ts';

export type InstanceVolumeValues = ShapeValues & {
  readonly snapshotId: string;
  readonly isRecovered: boolean;
  readonly deviceName: string;
  readonly deleteOnTermination: YesNo;
};

/** What an instance can be recovered without, though the original had it. */
export const OPTIONAL_PARTS = [
  'keyName',
  'privateIp',
  'instanceProfileArn',
  'userData',
  'kernelId',
  'ramdiskId',
  'hostId',
] as const;
export type OptionalPart = (typeof OPTIONAL_PARTS)[number];

export const PLACEMENTS = ['original', 'zone', 'subnet', 'group'] as const;
/** By what the new instance is placed; `original`: where the backed-up one was. */
export type Placement = (typeof PLACEMENTS)[number];

/** The instance form; what is empty is as backed up. */
export type InstanceValues = {
  readonly launchFrom: '' | LaunchSource;
  readonly imageId: string;
  readonly imageHandling: ImageHandling;
  readonly count: number | string;
  readonly instanceType: string;
  readonly keyName: string;
  readonly architecture: '' | 'i386' | 'x86_64' | 'arm64';
  readonly placement: Placement;
  readonly zone: string;
  /** As picked from the list (`subnet-… · zone · …`) or typed. */
  readonly subnetId: string;
  readonly placementGroup: string;
  readonly privateIp: string;
  readonly associatePublicIp: YesNo | 'subnet';
  /** All that were picked, also those of networks that are not chosen now: they count again when one goes back. */
  readonly securityGroupIds: string[];
  readonly tenancy: '' | 'default' | 'dedicated' | 'host';
  readonly hostId: string;
  readonly instanceProfileArn: string;
  /** As text; sent in base64. */
  readonly userData: string;
  readonly kernelId: string;
  readonly ramdiskId: string;
  /** `/dev/sdb=ephemeral0, /dev/sdc=ephemeral1` */
  readonly ephemeral: string;
  readonly preserveTags: boolean;
  readonly shutdownBehavior: '' | 'stop' | 'terminate';
  readonly isTerminationProtected: YesNo;
  readonly isMonitored: YesNo;
  readonly isEbsOptimized: YesNo;
  readonly requiresImdsV2: YesNo;
  readonly without: Readonly<Record<OptionalPart, boolean>>;
  readonly volumes: InstanceVolumeValues[];
  readonly credentials: CredentialsValues;
};

/** Everything as it was backed up. */
export function initialInstance(resource: BackedUpResource): InstanceValues {
  return {
    ...AS_IT_WAS,
    securityGroupIds: [],
    without: Object.fromEntries(OPTIONAL_PARTS.map((part) => [part, false])) as Record<OptionalPart, boolean>,
    volumes: launchSnapshots(resource).map(({ id }) => ({
      ...AS_BACKED_UP,
      snapshotId: id,
      isRecovered: true,
      deviceName: '',
      deleteOnTermination: '',
    })),
    credentials: ACCOUNTS_CREDENTIALS,
  };
}

const AS_IT_WAS = {
  launchFrom: '',
  imageId: '',
  imageHandling: 'deregister',
  count: 1,
  instanceType: '',
  keyName: '',
  architecture: '',
  placement: 'original',
  zone: '',
  subnetId: '',
  placementGroup: '',
  privateIp: '',
  associatePublicIp: '',
  tenancy: '',
  hostId: '',
  instanceProfileArn: '',
  userData: '',
  kernelId: '',
  ramdiskId: '',
  ephemeral: '',
  preserveTags: true,
  shutdownBehavior: '',
  isTerminationProtected: '',
  isMonitored: '',
  isEbsOptimized: '',
  requiresImdsV2: '',
} as const satisfies Omit<InstanceValues, 'without' | 'volumes' | 'credentials' | 'securityGroupIds'>;

/** The snapshots that the instance can be launched with, its root first. */
export function launchSnapshots({ snapshots }: BackedUpResource): readonly Snapshot[] {
  return snapshots
    .filter(({ state }) => state === 'completed')
    .toSorted((left, right) => Number(right.isRoot) - Number(left.isRoot));
}
