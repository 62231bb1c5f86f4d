import type { Instant } from '@cpm/core';
import type { Tags } from './access.ts';

export type InstanceState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped'
  | (string & {});

export type BlockDevice = {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly state: string;
  readonly deleteOnTermination: boolean;
  readonly attachedAt: Instant | null;
};

export type SecurityGroupRef = { readonly groupId: string; readonly name: string };

/** What a list or a backup needs of an instance. */
export type Instance = {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly instanceType: string;
  readonly imageId: string;
  readonly zone: string;
  readonly vpcId: string | null;
  readonly subnetId: string | null;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly keyName: string | null;
  readonly platform: 'linux' | 'windows';
  /** Such as `Red Hat Enterprise Linux`; null where AWS did not say. */
  readonly platformDetails: string | null;
  readonly architecture: string | null;
  readonly rootDeviceName: string | null;
  readonly rootDeviceType: 'ebs' | 'instance-store' | (string & {}) | null;
  readonly blockDevices: readonly BlockDevice[];
  readonly launchedAt: Instant | null;
  readonly tags: Tags;
};

export type NetworkInterface = {
  readonly interfaceId: string;
  readonly deviceIndex: number;
  readonly subnetId: string | null;
  readonly vpcId: string | null;
  /** The primary address first. */
  readonly privateIps: readonly string[];
  readonly ipv6Addresses: readonly string[];
  readonly publicIp: string | null;
  /** Whose the public address is: `amazon` for one that AWS assigned at launch. */
  readonly publicIpOwner: string | null;
  readonly securityGroups: readonly SecurityGroupRef[];
  readonly sourceDestCheck: boolean;
  readonly deleteOnTermination: boolean;
  readonly description: string;
};

/** Everything else that DescribeInstances tells about how to build the instance again (EC2 API Reference, Instance). */
export type InstanceDetails = Instance & {
  readonly virtualizationType: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly bootMode: string | null;
  readonly currentBootMode: string | null;
  readonly tpmSupport: string | null;
  readonly enaSupport: boolean;
  readonly sriovNetSupport: string | null;
  readonly ebsOptimized: boolean;
  readonly usageOperation: string | null;
  readonly productCodes: readonly string[];
  readonly lifecycle: 'on-demand' | 'spot' | 'scheduled' | (string & {});
  readonly monitoring: boolean;
  readonly instanceProfileArn: string | null;
  readonly securityGroups: readonly SecurityGroupRef[];
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly sourceDestCheck: boolean;
  readonly placement: {
    readonly tenancy: string | null;
    readonly groupName: string | null;
    readonly partitionNumber: number | null;
    readonly hostId: string | null;
    readonly affinity: string | null;
  };
  readonly cpu: { readonly coreCount: number | null; readonly threadsPerCore: number | null };
  readonly metadata: {
    readonly httpTokens: string | null;
    readonly httpEndpoint: string | null;
    readonly hopLimit: number | null;
    readonly instanceTags: string | null;
    readonly ipv6: string | null;
  };
  readonly licenseArns: readonly string[];
  readonly enclaveEnabled: boolean;
  readonly hibernationConfigured: boolean;
};

/** The attributes that DescribeInstances leaves out, one call each. null = not set, or unknown (see `unknown`). */
export type InstanceAttributes = {
  /** Base64, as AWS keeps it. May hold secrets of the customer: store it with care, never log it. */
  readonly userDataBase64: string | null;
  readonly disableApiTermination: boolean | null;
  readonly disableApiStop: boolean | null;
  readonly shutdownBehaviour: 'stop' | 'terminate' | null;
  /** UEFI variables, base64; only asked where the instance booted through UEFI. */
  readonly uefiDataBase64: string | null;
  /** `standard` or `unlimited`; only asked of burstable types. */
  readonly cpuCredits: string | null;
  /** Names of the attributes that the endpoint refused to tell, with its code: `disableApiStop: InvalidParameterValue`. */
  readonly unknown: readonly string[];
};
