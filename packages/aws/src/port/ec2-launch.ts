import type { PlannedInterface } from '@cpm/core';
import type { Tags } from './access.ts';
import type { Instance, InstanceState } from './ec2-instances.ts';

/** A device at launch: from a snapshot, empty of that size, instance store, or a device of the image left out. */
export type LaunchBlockDevice =
  | {
      readonly kind: 'volume';
      readonly deviceName: string;
      readonly awsSnapshotId: string | null;
      readonly sizeGiB: number | null;
      readonly type: string;
      readonly iops: number | null;
      readonly throughputMiBs: number | null;
      readonly deleteOnTermination: boolean;
      /** null leaves encryption to the snapshot and the region's default. */
      readonly encrypted: boolean | null;
      readonly kmsKeyId: string | null;
    }
  | { readonly kind: 'ephemeral'; readonly deviceName: string; readonly virtualName: string }
  | { readonly kind: 'none'; readonly deviceName: string };

export type RunInstancesInput = {
  /** At most 64 ASCII characters, stored before the call: a repeat with it gives the first instances. */
  readonly clientToken: string;
  readonly imageId: string;
  /** At most so many, at least one: compare with what comes back. */
  readonly count: number;
  readonly instanceType: string;
  readonly keyName: string | null;
  readonly subnetId: string;
  /** Only with one instance. */
  readonly privateIp: string | null;
  /** Only beside a private address. */
  readonly secondaryPrivateIps: readonly string[];
  /** Empty takes the default group of the VPC. */
  readonly securityGroupIds: readonly string[];
  /** Of the network interface. */
  readonly interfaceDescription: string | null;
  /** null leaves it to the subnet; AWS gives none where there are further interfaces. */
  readonly assignPublicIp: boolean | null;
  /** Those beside the first, which is told above. */
  readonly furtherInterfaces: readonly PlannedInterface[];
  readonly userDataBase64: string | null;
  /** Needs iam:PassRole on its role. */
  readonly instanceProfileArn: string | null;
  readonly blockDevices: readonly LaunchBlockDevice[];
  readonly shutdownBehaviour: 'stop' | 'terminate' | null;
  readonly disableApiTermination: boolean | null;
  readonly disableApiStop: boolean | null;
  readonly hibernation: boolean | null;
  readonly enclave: boolean | null;
  readonly monitoring: boolean | null;
  readonly ebsOptimized: boolean | null;
  /** null leaves cores and threads to the type. */
  readonly cpuOptions: { readonly coreCount: number; readonly threadsPerCore: number } | null;
  /** `standard` or `unlimited`, of burstable types only. */
  readonly cpuCredits: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly tenancy: string | null;
  readonly placementGroup: string | null;
  /** Of a placement group with partitions. */
  readonly partitionNumber: number | null;
  readonly hostId: string | null;
  readonly httpTokens: 'required' | 'optional' | null;
  readonly httpHopLimit: number | null;
  readonly httpEndpoint: 'enabled' | 'disabled' | null;
  readonly instanceMetadataTags: 'enabled' | 'disabled' | null;
  readonly instanceTags: Tags;
  readonly volumeTags: Tags;
  readonly networkInterfaceTags: Tags;
};

export type InstanceStateChange = {
  readonly instanceId: string;
  readonly previous: InstanceState;
  readonly current: InstanceState;
};

/** Making, starting, stopping and ending instances of one account and region. All of it may be repeated. */
export type Ec2Launch = {
  /**
   * The accepted instances, in `pending`. May be repeated with the same token and input. Lack of capacity, quota and
   * a type that the zone does not have are told at once. EC2 API Reference, RunInstances.
   */
  readonly runInstances: (input: RunInstancesInput) => Promise<readonly Instance[]>;
  readonly startInstances: (instanceIds: readonly string[]) => Promise<readonly InstanceStateChange[]>;
  readonly stopInstances: (instanceIds: readonly string[]) => Promise<readonly InstanceStateChange[]>;
  /** `conflict` with `OperationNotPermitted` for an instance protected from termination. */
  readonly terminateInstances: (instanceIds: readonly string[]) => Promise<readonly InstanceStateChange[]>;
  /** Lifts or sets the protection from termination. EC2 API Reference, ModifyInstanceAttribute. */
  readonly setTerminationProtection: (instanceId: string, isProtected: boolean) => Promise<void>;
  /**
   * Whether a volume of an instance goes with it: an attached one stays, until this says otherwise. `invalid` with
   * `InvalidInstanceAttributeValue` where nothing is at the device. May be repeated. EC2 API Reference, ModifyInstanceAttribute.
   */
  readonly modifyInstanceBlockDevice: (change: {
    readonly instanceId: string;
    readonly deviceName: string;
    readonly deleteOnTermination: boolean;
  }) => Promise<void>;
  /** Gives a stopped instance its user data. `conflict` while it is not stopped. May be repeated. As above. */
  readonly modifyInstanceUserData: (instanceId: string, userDataBase64: string) => Promise<void>;
  /**
   * Whether a network interface takes only what is its own (source/destination check); a router's must not. May be repeated.
   * EC2 API Reference, ModifyNetworkInterfaceAttribute.
   */
  readonly setSourceDestCheck: (interfaceId: string, isChecked: boolean) => Promise<void>;
  /** Adds or replaces tags, for up to 1,000 ids a call; a fresh id may be NotFound for a while. */
  readonly createTags: (resourceIds: readonly string[], tags: Tags) => Promise<void>;
};
