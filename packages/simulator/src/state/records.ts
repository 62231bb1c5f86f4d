/** Who caused something: kept for `/_simulator/inventory`, never sent over an AWS protocol. */
export type Made = {
  readonly account: string;
  readonly accessKey: string;
  readonly principal: string;
  readonly action: string;
  readonly requestId: string;
  readonly at: number;
};

/** What every thing in a region has. Times are epoch ms of the simulator's clock; one in the future is a state to come. */
export type Thing = {
  readonly id: string;
  /** Grows with every thing made: the order of pages. */
  readonly seq: number;
  readonly ownerId: string;
  readonly createdAt: number;
  readonly madeBy: Made;
  readonly tags: Map<string, string>;
  deletedAt: number | undefined;
  deletedBy: Made | undefined;
};

export type VolumeType = 'standard' | 'io1' | 'io2' | 'gp2' | 'sc1' | 'st1' | 'gp3';

/** The tie between a volume and an instance; the same object hangs on both. */
export type Attachment = {
  readonly volumeId: string;
  readonly instanceId: string;
  readonly device: string;
  readonly attachingAt: number;
  readonly attachedAt: number;
  detachingAt: number | undefined;
  detachedAt: number | undefined;
  deleteOnTermination: boolean;
};

export type VolumeChange = {
  readonly startedAt: number;
  readonly optimizingAt: number;
  readonly completedAt: number;
  readonly before: VolumeShape;
  readonly after: VolumeShape;
};

export type VolumeShape = {
  readonly sizeGiB: number;
  readonly type: VolumeType;
  readonly iops: number | undefined;
  readonly throughputMiBps: number | undefined;
  readonly multiAttach: boolean;
};

export type Encryption = { readonly encrypted: boolean; readonly kmsKeyArn: string | undefined };

export type Volume = Thing &
  Encryption & {
    shape: VolumeShape;
    readonly zone: string;
    readonly snapshotId: string | undefined;
    readonly productCodes: readonly string[];
    readonly availableAt: number;
    /** When it turns to `error` instead of becoming available. */
    failsAt: number | undefined;
    readonly attachments: Attachment[];
    /** When DeleteVolume was called; `deletedAt` comes a moment later. */
    deletingAt: number | undefined;
    readonly changes: VolumeChange[];
    autoEnableIo: boolean;
    /** Set by an estate: every snapshot of it ends in `error` for this reason. */
    snapshotsFail?: string | undefined;
  };

export type Snapshot = Thing &
  Encryption & {
    readonly volumeId: string;
    readonly sizeGiB: number;
    readonly description: string;
    readonly completesAt: number;
    failsAt: number | undefined;
    stateMessage: string | undefined;
    readonly productCodes: readonly string[];
    /** Accounts it is shared with; `all` makes it public. */
    readonly sharedWith: Set<string>;
    readonly copiedFrom: { readonly region: string; readonly snapshotId: string } | undefined;
    readonly kind: 'snapshot' | 'copy';
    readonly platformDetails: string | undefined;
    readonly ownerAlias: string | undefined;
  };

export type BlockDevice = {
  readonly device: string;
  readonly virtualName: string | undefined;
  readonly ebs: EbsDevice | undefined;
};

export type EbsDevice = {
  readonly snapshotId: string | undefined;
  readonly sizeGiB: number;
  readonly type: VolumeType;
  readonly iops: number | undefined;
  readonly throughputMiBps: number | undefined;
  readonly deleteOnTermination: boolean;
  readonly encrypted: boolean;
  readonly kmsKeyArn: string | undefined;
};

export type Image = Thing & {
  readonly name: string;
  description: string;
  readonly architecture: string;
  readonly virtualizationType: string;
  readonly rootDeviceName: string | undefined;
  readonly rootDeviceType: 'ebs' | 'instance-store';
  readonly blockDevices: readonly BlockDevice[];
  readonly enaSupport: boolean;
  readonly sriovNetSupport: string | undefined;
  readonly bootMode: string | undefined;
  readonly tpmSupport: string | undefined;
  readonly uefiData: string | undefined;
  imdsSupport: string | undefined;
  readonly kernelId: string | undefined;
  readonly ramdiskId: string | undefined;
  readonly platform: 'Windows' | undefined;
  readonly platformDetails: string;
  readonly usageOperation: string;
  readonly productCodes: readonly string[];
  /** Why an instance of it ends as soon as it starts, where it does. */
  readonly startFailure: string | undefined;
  readonly ownerAlias: string | undefined;
  readonly sourceInstanceId: string | undefined;
  readonly sourceImage: { readonly region: string; readonly imageId: string } | undefined;
  readonly availableAt: number;
  failsAt: number | undefined;
  failure: string | undefined;
  readonly launchPermissions: Set<string>;
};

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export type MetadataOptions = {
  readonly httpTokens: string;
  readonly hopLimit: number;
  readonly httpEndpoint: string;
  readonly httpProtocolIpv6: string;
  readonly instanceTags: string;
};

export type Instance = Thing & {
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly imageId: string;
  type: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly keyName: string | undefined;
  readonly clientToken: string;
  readonly architecture: string;
  readonly virtualizationType: string;
  readonly rootDeviceName: string | undefined;
  readonly rootDeviceType: 'ebs' | 'instance-store';
  readonly bootMode: string | undefined;
  enaSupport: boolean;
  sriovNetSupport: string | undefined;
  readonly tpmSupport: string | undefined;
  readonly platform: 'Windows' | undefined;
  readonly platformDetails: string;
  readonly usageOperation: string;
  /** Those of its image, and of the volumes that were attached later. */
  productCodes: readonly string[];
  kernelId: string | undefined;
  ramdiskId: string | undefined;
  /** What it does and when: the current state is the last entry that is not in the future. */
  readonly states: { readonly at: number; readonly state: InstanceState }[];
  stateReason: { readonly code: string; readonly message: string } | undefined;
  launchedAt: number;
  readonly attachments: Attachment[];
  readonly interfaceIds: string[];
  profileArn: string | undefined;
  metadataOptions: MetadataOptions;
  monitoring: boolean;
  readonly tenancy: string;
  readonly placementGroup: string | undefined;
  readonly partitionNumber: number | undefined;
  readonly hostId: string | undefined;
  shutdownBehaviour: 'stop' | 'terminate';
  protectedFromTermination: boolean;
  protectedFromStop: boolean;
  ebsOptimized: boolean;
  userData: string | undefined;
  readonly hibernationConfigured: boolean;
  readonly enclaveEnabled: boolean;
  /** Of burstable types: `standard` or `unlimited`. */
  cpuCredits: string | undefined;
  /** The variables of its firmware, base64, as its image brought them. */
  readonly uefiData: string | undefined;
  readonly cpu: { readonly cores: number; readonly threadsPerCore: number };
};

export type KeyPair = Thing & {
  readonly name: string;
  readonly fingerprint: string;
  readonly type: string;
  readonly publicKey: string | undefined;
};

export type Permission = {
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  readonly cidrs: readonly { readonly cidr: string; readonly description: string | undefined }[];
  readonly groups: readonly { readonly groupId: string; readonly userId: string }[];
};

export type SecurityGroup = Thing & {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  ingress: readonly Permission[];
  egress: readonly Permission[];
};

export type Vpc = Thing & {
  readonly cidr: string;
  readonly isDefault: boolean;
  readonly tenancy: string;
  readonly dhcpOptionsId: string;
  readonly associationId: string;
};

export type Subnet = Thing & {
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly defaultForZone: boolean;
  mapPublicIp: boolean;
  /** Private addresses taken so far and by which interface. */
  readonly addresses: Map<string, string>;
};

export type NetworkInterface = Thing & {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  description: string;
  groupIds: readonly string[];
  readonly mac: string;
  /** The first one is the primary address. */
  readonly privateIps: readonly string[];
  autoPublicIp: boolean;
  publicIp: string | undefined;
  sourceDestCheck: boolean;
  attachment:
    | {
        readonly id: string;
        readonly instanceId: string;
        readonly deviceIndex: number;
        readonly at: number;
        deleteOnTermination: boolean;
        detachedAt: number | undefined;
      }
    | undefined;
};

export type PlacementGroup = Thing & {
  readonly name: string;
  readonly strategy: string;
  readonly partitionCount: number | undefined;
  readonly spreadLevel: string | undefined;
};

export type DedicatedHost = Thing & {
  readonly zone: string;
  readonly instanceType: string;
  readonly autoPlacement: string;
};

export type Address = Thing & {
  readonly publicIp: string;
  associationId: string | undefined;
  interfaceId: string | undefined;
  privateIp: string | undefined;
};

export type KmsKey = {
  readonly id: string;
  readonly arn: string;
  readonly ownerId: string;
  readonly aliases: readonly string[];
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Accounts besides the owner that the key's policy lets use it. */
  readonly allowedAccounts: Set<string>;
  readonly awsManaged: boolean;
  readonly description?: string;
  readonly createdAt?: number;
  /** When it will be gone, while its deletion is pending. */
  deletionAt?: number | undefined;
};
