import type { Instant } from '../time.ts';

export type Tag = { readonly key: string; readonly value: string };

export const VOLUME_TYPES = ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1', 'standard'] as const;
export type VolumeType = (typeof VOLUME_TYPES)[number];

/** An EBS volume of an instance as it was at the time of the backup. */
export type ConfiguredVolume = {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly deleteOnTermination: boolean;
  readonly sizeGiB: number;
  readonly volumeType: VolumeType;
  readonly iops: number | null;
  readonly throughputMiBps: number | null;
  readonly isEncrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly zone: string;
  readonly tags: readonly Tag[];
};

/** The image an instance was launched from, with what AWS said about it; `details` is null once it is gone. */
export type ConfiguredImage = {
  readonly imageId: string;
  readonly details: {
    readonly name: string | null;
    readonly description: string | null;
    readonly ownerId: string | null;
    readonly ownerAlias: string | null;
    readonly createdAt: string | null;
    readonly architecture: string | null;
    readonly virtualizationType: string | null;
    readonly rootDeviceName: string | null;
    readonly rootDeviceType: string | null;
    readonly platformDetails: string | null;
    readonly usageOperation: string | null;
    readonly bootMode: string | null;
    readonly isEnaSupported: boolean;
    readonly kernelId: string | null;
    readonly ramdiskId: string | null;
  } | null;
};

export type ConfiguredInterface = {
  readonly interfaceId: string;
  readonly deviceIndex: number;
  readonly subnetId: string | null;
  readonly vpcId: string | null;
  readonly privateIp: string | null;
  readonly secondaryPrivateIps: readonly string[];
  readonly ipv6Addresses: readonly string[];
  readonly publicIp: string | null;
  readonly groupIds: readonly string[];
  readonly description: string | null;
  readonly deleteOnTermination: boolean;
  readonly isSourceDestChecked: boolean;
};

/**
 * Everything that a backup records of an instance so that it can be built again without the original (POL-8).
 * Null means that AWS reported nothing. `userDataBase64` may hold secrets: it is stored encrypted and never logged.
 */
export type InstanceConfiguration = {
  readonly instanceId: string;
  readonly region: string;
  readonly recordedAt: Instant;
  readonly state: string;
  readonly launchedAt: string | null;
  readonly instanceType: string;
  readonly lifecycle: string | null;
  readonly image: ConfiguredImage;

  readonly architecture: string;
  readonly virtualizationType: string;
  readonly rootDeviceName: string | null;
  readonly rootDeviceType: 'ebs' | 'instance-store';
  readonly bootMode: string | null;
  readonly currentBootMode: string | null;
  readonly isEnaSupported: boolean;
  readonly sriovNetSupport: string | null;
  readonly tpmSupport: string | null;
  readonly uefiData: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;

  readonly platform: string | null;
  readonly platformDetails: string | null;
  readonly usageOperation: string | null;
  readonly productCodes: readonly { readonly productCodeId: string; readonly productCodeType: string }[];

  readonly keyName: string | null;
  readonly placement: {
    readonly zone: string;
    readonly groupName: string | null;
    readonly tenancy: string;
    readonly hostId: string | null;
    readonly partitionNumber: number | null;
  };
  readonly vpcId: string | null;
  readonly subnetId: string | null;
  readonly privateIp: string | null;
  readonly securityGroups: readonly { readonly groupId: string; readonly groupName: string }[];
  readonly networkInterfaces: readonly ConfiguredInterface[];
  readonly instanceProfileArn: string | null;
  readonly userDataBase64: string | null;
  readonly tags: readonly Tag[];

  readonly volumes: readonly ConfiguredVolume[];

  readonly isMonitored: boolean;
  readonly isEbsOptimized: boolean;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly isTerminationProtected: boolean;
  readonly isStopProtected: boolean;
  readonly isHibernationConfigured: boolean;
  readonly isEnclaveEnabled: boolean;
  readonly cpuOptions: { readonly coreCount: number; readonly threadsPerCore: number } | null;
  readonly cpuCredits: string | null;
  readonly metadataOptions: {
    readonly httpEndpoint: string | null;
    readonly httpTokens: string | null;
    readonly httpPutResponseHopLimit: number | null;
    readonly instanceMetadataTags: string | null;
  } | null;
};
