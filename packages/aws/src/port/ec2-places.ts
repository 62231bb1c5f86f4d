import type { Tags } from './access.ts';

export type Zone = { readonly name: string; readonly zoneId: string; readonly state: string; readonly kind: string };

export type KeyPair = {
  readonly name: string;
  readonly keyPairId: string;
  readonly type: string | null;
  readonly fingerprint: string | null;
};

export type SecurityGroup = {
  readonly groupId: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string | null;
  readonly tags: Tags;
};

export type Subnet = {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  readonly freeAddresses: number;
  readonly defaultForZone: boolean;
  readonly assignsPublicIp: boolean;
  readonly tags: Tags;
};

export type PlacementGroup = {
  readonly name: string;
  /** `cluster`, `spread` or `partition`. */
  readonly strategy: string;
  readonly state: string;
};

export type DedicatedHost = { readonly hostId: string; readonly zone: string; readonly state: string };

/** What a launch must fit (EC2 API Reference, InstanceTypeInfo). */
export type InstanceType = {
  readonly name: string;
  readonly architectures: readonly string[];
  readonly virtualizationTypes: readonly string[];
  readonly bootModes: readonly string[];
  readonly ena: 'required' | 'supported' | 'unsupported';
  readonly nitroTpm: boolean;
  readonly placementStrategies: readonly string[];
  readonly dedicatedHosts: boolean;
  /** How many network interfaces it takes; null where AWS does not say. */
  readonly mostInterfaces: number | null;
  readonly hibernation: boolean;
  readonly enclaves: boolean;
  readonly burstable: boolean;
  readonly defaultCpu: { readonly coreCount: number; readonly threadsPerCore: number } | null;
  /** Whether it has disks of its own, and whether these are NVMe. */
  readonly instanceStore: boolean;
  readonly nvmeInstanceStore: boolean;
};

/** What recovery lets a user choose from. Each list is complete or an error; all may be asked again at any time. */
export type Ec2Places = {
  /** Regions enabled for the account, sorted. EC2 API Reference, DescribeRegions. */
  readonly describeRegions: () => Promise<readonly string[]>;
  readonly describeZones: () => Promise<readonly Zone[]>;
  readonly describeKeyPairs: () => Promise<readonly KeyPair[]>;
  readonly describeSecurityGroups: () => Promise<readonly SecurityGroup[]>;
  readonly describeSubnets: () => Promise<readonly Subnet[]>;
  /** How many vCPUs each type has by default; types that the region does not have are absent. EC2 API Reference, DescribeInstanceTypes. */
  readonly describeVcpus: (instanceTypes: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** The zones that offer the instance type. EC2 API Reference, DescribeInstanceTypeOfferings. */
  readonly describeInstanceTypeZones: (instanceType: string) => Promise<readonly string[]>;
  /** null for a type that the region has not. EC2 API Reference, DescribeInstanceTypes. */
  readonly describeInstanceType: (instanceType: string) => Promise<InstanceType | null>;
  readonly describePlacementGroups: () => Promise<readonly PlacementGroup[]>;
  readonly describeHosts: () => Promise<readonly DedicatedHost[]>;
  /** The private addresses that network interfaces of any kind hold in these subnets. EC2 API Reference, DescribeNetworkInterfaces. */
  readonly describePrivateAddresses: (subnetIds: readonly string[]) => Promise<readonly string[]>;
};
