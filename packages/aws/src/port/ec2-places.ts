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
};
