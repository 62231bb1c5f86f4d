import type { SnapshotId } from '../ids.ts';
import type { InstanceConfiguration, Tag } from './instance-configuration.ts';
import type { InstanceTypeFacts } from './instance-type-facts.ts';
import type { ExistingImagePlan, OfferedImage } from './launch-image.ts';
import type { Billing } from './launch-support.ts';
import type { RecoverableVolume } from './recoverable-volume.ts';
import type { VolumeShape, VolumeShapeChoice } from './volume-rules.ts';

export const IMAGE_HANDLINGS = ['deregister', 'keep', 'create-only'] as const;
/** What becomes of the image made from the root snapshot (REC-3): gone after, kept, or kept without any launch. */
export type ImageHandling = (typeof IMAGE_HANDLINGS)[number];

export const LAUNCH_SOURCES = ['snapshot', 'image', 'image-then-swap'] as const;
/**
 * What the instance boots from (REC-3, REC-6): an image registered from its root snapshot; an existing image as it is; or an
 * existing image whose root volume is then replaced by one made of the root snapshot, for systems that AWS bills a licence for.
 */
export type LaunchSource = (typeof LAUNCH_SOURCES)[number];

/** What the user asks of one volume of the instance; the root volume cannot be left out or moved to another device. */
export type InstanceVolumeChoice = VolumeShapeChoice & {
  readonly snapshotId: SnapshotId;
  readonly recover?: boolean | undefined;
  readonly deviceName?: string | undefined;
  readonly deleteOnTermination?: boolean | undefined;
  readonly preserveTags?: boolean | undefined;
  /** Encrypts the new volume under this key; absent: as its snapshot is. */
  readonly kmsKeyId?: string | undefined;
};

/** A device that shows the instance store of older types. */
export type EphemeralMapping = { readonly deviceName: string; readonly virtualName: string };

/** What the user asks of the new instance; everything that is absent is as the backed-up instance was. */
export type InstanceRecoveryChoice = {
  /** Absent: whatever brings it back as it was. */
  readonly launchFrom?: LaunchSource | undefined;
  /** Absent: the image that the original was launched from. */
  readonly imageId?: string | undefined;
  readonly imageHandling?: ImageHandling | undefined;
  readonly count?: number | undefined;
  readonly instanceType?: string | undefined;
  readonly architecture?: string | undefined;
  /** Null: without a key. */
  readonly keyName?: string | null | undefined;
  /** Into the default subnet of this zone; not together with a subnet. */
  readonly zone?: string | undefined;
  readonly subnetId?: string | undefined;
  /** Null: any address of the subnet. */
  readonly privateIp?: string | null | undefined;
  /** Null: as the subnet has it. */
  readonly associatePublicIp?: boolean | null | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
  /** Null: in none. */
  readonly placementGroup?: string | null | undefined;
  readonly tenancy?: 'default' | 'dedicated' | 'host' | undefined;
  /** A dedicated host; null: any of the account's. */
  readonly hostId?: string | null | undefined;
  /** Null: without an instance profile. */
  readonly instanceProfileArn?: string | null | undefined;
  /** Null: without user data. */
  readonly userDataBase64?: string | null | undefined;
  /** Of paravirtual instances; null: that of the image. */
  readonly kernelId?: string | null | undefined;
  readonly ramdiskId?: string | null | undefined;
  readonly ephemeral?: readonly EphemeralMapping[] | undefined;
  readonly preserveTags?: boolean | undefined;
  readonly shutdownBehavior?: 'stop' | 'terminate' | undefined;
  readonly isTerminationProtected?: boolean | undefined;
  readonly isMonitored?: boolean | undefined;
  readonly isEbsOptimized?: boolean | undefined;
  /** Whether the metadata service wants a session token. */
  readonly requiresImdsV2?: boolean | undefined;
  readonly volumes?: readonly InstanceVolumeChoice[] | undefined;
};

/** What exists in the target account and region when the recovery is planned; `untold` is what AWS would not tell. */
export type LaunchOffer = {
  readonly zones: readonly string[];
  readonly subnets: readonly {
    readonly subnetId: string;
    readonly vpcId: string;
    readonly zone: string;
    readonly cidrBlock: string;
    readonly freeAddresses: number;
    readonly isDefaultForZone: boolean;
  }[];
  readonly securityGroups: readonly { readonly groupId: string; readonly vpcId: string | null }[];
  readonly keyNames: readonly string[];
  /** Private addresses in use in the subnets that are asked for, by whatever holds them. */
  readonly takenPrivateIps: readonly string[];
  readonly placementGroups:
    | readonly { readonly name: string; readonly strategy: string; readonly state: string }[]
    | 'untold';
  readonly hosts: readonly { readonly hostId: string; readonly zone: string; readonly state: string }[] | 'untold';
  /** The type that is to be launched; null where the region has none of that name. */
  readonly instanceType: InstanceTypeFacts | null | 'untold';
  /** The zones that offer it. */
  readonly instanceTypeZones: readonly string[] | 'untold';
};

export type InstanceRequest = {
  readonly configuration: InstanceConfiguration;
  /** This instance's snapshots in the backup, the root's among them. */
  readonly volumes: readonly RecoverableVolume[];
  readonly choice: InstanceRecoveryChoice;
  readonly offer: LaunchOffer;
  /** The image that was chosen, or the recorded one, as AWS shows it to this account now; null where it does not. */
  readonly image: OfferedImage | null;
  /** Unique per attempt: an image's name is its only idempotency key. */
  readonly imageName: string;
  readonly ownTags: readonly Tag[];
};

/** One entry of a block device mapping. A key is for the launch alone: RegisterImage refuses it beside a snapshot id. */
export type BlockDevicePlan = VolumeShape & {
  readonly deviceName: string;
  readonly snapshotId: SnapshotId;
  readonly awsSnapshotId: string;
  readonly deleteOnTermination: boolean;
  readonly kmsKeyId: string | null;
};

/** The parameters of RegisterImage; null and false ones that AWS defaults are left out of the call by the adapter. */
export type ImagePlan = {
  readonly name: string;
  readonly description: string;
  readonly architecture: string;
  readonly virtualizationType: string;
  readonly rootDeviceName: string;
  readonly rootVolume: BlockDevicePlan;
  readonly isEnaSupported: boolean;
  readonly sriovNetSupport: string | null;
  readonly bootMode: string | null;
  readonly tpmSupport: string | null;
  readonly uefiData: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly tags: readonly Tag[];
  /** What AWS must bill for it, else it is thrown away again. */
  readonly billing: Billing;
};

/** A network interface that is made with the instance; an address that is null is AWS's choice. */
export type PlannedInterface = {
  readonly deviceIndex: number;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly privateIp: string | null;
  /** Only beside a private address. */
  readonly secondaryPrivateIps: readonly string[];
  readonly description: string | null;
};

/** The parameters of RunInstances; the network belongs into NetworkInterfaces[0], never at the top level as well. */
export type LaunchPlan = {
  readonly count: number;
  readonly instanceType: string;
  readonly keyName: string | null;
  readonly network: {
    readonly subnetId: string;
    readonly securityGroupIds: readonly string[];
    readonly privateIp: string | null;
    /** Beside the private address, which is named then. */
    readonly secondaryPrivateIps: readonly string[];
    readonly associatePublicIp: boolean | null;
    readonly description: string | null;
    /** Those beside the first interface, which is told above. */
    readonly furtherInterfaces: readonly PlannedInterface[];
    /** Device indexes of those that forward what is not theirs, as a router's do: no launch can ask for it, so it follows. */
    readonly forwardingInterfaces: readonly number[];
  };
  readonly placement: {
    readonly zone: string;
    readonly groupName: string | null;
    readonly partitionNumber: number | null;
    readonly tenancy: string;
    readonly hostId: string | null;
  };
  readonly dataVolumes: readonly BlockDevicePlan[];
  /** The root volume where the launch changes what the image says of it: only then it is mapped. */
  readonly rootVolume: BlockDevicePlan | null;
  readonly ephemeral: readonly EphemeralMapping[];
  /** Of a launch from an image that is there; null: that of the image. */
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly instanceProfileArn: string | null;
  readonly userDataBase64: string | null;
  readonly isMonitored: boolean;
  readonly isEbsOptimized: boolean | null;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly isTerminationProtected: boolean;
  readonly isStopProtected: boolean;
  readonly isHibernationConfigured: boolean;
  readonly isEnclaveEnabled: boolean;
  readonly cpuOptions: InstanceConfiguration['cpuOptions'];
  readonly cpuCredits: string | null;
  readonly metadataOptions: InstanceConfiguration['metadataOptions'];
  readonly instanceTags: readonly Tag[];
  /** On every volume and network interface at launch. */
  readonly ownTags: readonly Tag[];
  /** The original volumes' own tags, to be set once AWS has given the new volumes their ids. */
  readonly volumeTags: readonly { readonly deviceName: string; readonly tags: readonly Tag[] }[];
};

export type InstancePlan = {
  readonly imageHandling: ImageHandling;
  /** The image to be registered from the root snapshot; null where an existing one is launched. */
  readonly image: ImagePlan | null;
  /** The image that is there already; null where one is registered. */
  readonly existing: ExistingImagePlan | null;
  /** Null where only the image was asked for. */
  readonly launch: LaunchPlan | null;
};
