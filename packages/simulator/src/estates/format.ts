import type { SettingsChange } from '../settings.ts';

/** A whole simulated world as a file describes it. What is left out gets AWS's or the simulator's default. */
export type Estate = {
  readonly name: string;
  /** Enabled regions; all of AWS's usual ones when left out. */
  readonly regions?: readonly string[];
  /** Regions an account must switch on first. */
  readonly optInRegions?: readonly string[];
  readonly accounts: readonly EstateAccount[];
  readonly settings?: SettingsChange;
  /** Faults that are set from the start, written as for `/_simulator/faults`. */
  readonly faults?: readonly Readonly<Record<string, unknown>>[];
  /** How Run Command's scripts end, written as for `/_simulator/commands`. */
  readonly commands?: readonly Readonly<Record<string, unknown>>[];
};

export type EstateAccount = {
  readonly id: string;
  readonly alias?: string;
  readonly optedInRegions?: readonly string[];
  /** Keys of the account's root, or of the user named. */
  readonly accessKeys: readonly {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly user?: string;
  }[];
  readonly users?: readonly EstateUser[];
  readonly roles?: readonly EstateRole[];
  readonly regions?: Readonly<Record<string, EstateRegion>>;
};

type Policies = {
  readonly policies?: Readonly<Record<string, unknown>>;
  readonly attachedPolicies?: readonly string[];
};

export type EstateUser = Policies & { readonly name: string };

export type EstateRole = Policies & {
  readonly name: string;
  readonly trust: unknown;
  readonly maxSessionSeconds?: number;
  /** Also make an instance profile of the same name. */
  readonly instanceProfile?: boolean;
};

export type EstateRegion = {
  readonly encryptionByDefault?: boolean;
  readonly kmsKeys?: readonly EstateKey[];
  readonly keyPairs?: readonly string[];
  readonly vpcs?: readonly EstateVpc[];
  readonly securityGroups?: readonly { readonly name: string; readonly description?: string; readonly vpc?: string }[];
  readonly placementGroups?: readonly { readonly name: string; readonly strategy?: string }[];
  readonly instances?: readonly EstateInstance[];
  readonly volumes?: readonly EstateVolume[];
  readonly databaseSubnetGroups?: readonly { readonly name: string; readonly subnets: readonly string[] }[];
  readonly databases?: readonly EstateDatabase[];
  readonly databaseClusters?: readonly EstateDatabaseCluster[];
  readonly redshiftClusters?: readonly EstateRedshiftCluster[];
};

export type EstateKey = {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly state?: 'Enabled' | 'Disabled' | 'PendingDeletion';
  readonly allowedAccounts?: readonly string[];
};

export type EstateVpc = {
  readonly name: string;
  readonly cidr: string;
  readonly subnets: readonly {
    readonly name: string;
    readonly cidr: string;
    readonly zone: string;
    readonly publicIps?: boolean;
  }[];
};

type Disk = {
  readonly id?: string;
  readonly sizeGiB?: number;
  readonly type?: string;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly encrypted?: boolean;
  readonly kmsKey?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Every snapshot of it ends in `error` for this reason. */
  readonly snapshotsFail?: string;
};

/** A disk of an instance; the one at the image's root device changes that. */
export type EstateDisk = Disk & { readonly device: string; readonly deleteOnTermination?: boolean };

/** A volume on its own. */
export type EstateVolume = Disk & { readonly sizeGiB: number; readonly zone: string };

export type EstateInterface = {
  readonly subnet: string;
  readonly securityGroups?: readonly string[];
  readonly privateIp?: string;
  readonly secondaryIps?: readonly string[];
  readonly description?: string;
  /** Source/destination check; on unless told. */
  readonly checked?: boolean;
};

export type EstateInstance = {
  readonly id?: string;
  /** An image id, or the beginning of a name. */
  readonly image: string;
  readonly type: string;
  /** A zone's letter; ignored when a subnet is named. */
  readonly zone?: string;
  /** The name of a subnet of this estate. */
  readonly subnet?: string;
  readonly privateIp?: string;
  /** Several network interfaces, the first one first, in place of subnet, address and security groups. */
  readonly interfaces?: readonly EstateInterface[];
  readonly keyName?: string;
  readonly securityGroups?: readonly string[];
  readonly placementGroup?: string;
  readonly instanceProfile?: string;
  readonly userData?: string;
  readonly state?: 'running' | 'stopped';
  /** Whether Systems Manager manages it; its agent is online unless said otherwise. */
  readonly managed?: boolean | { readonly online?: boolean };
  readonly protected?: boolean;
  readonly hibernation?: boolean;
  readonly cpuCredits?: string;
  readonly tenancy?: string;
  readonly metadata?: { readonly httpTokens?: string; readonly hopLimit?: number; readonly instanceTags?: string };
  readonly tags?: Readonly<Record<string, string>>;
  readonly disks?: readonly EstateDisk[];
};

type Stored = {
  readonly name: string;
  readonly subnetGroup?: string;
  readonly securityGroups?: readonly string[];
  readonly port?: number;
  readonly encrypted?: boolean;
  readonly kmsKey?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Every snapshot of it ends as failed. */
  readonly snapshotsFail?: boolean;
};

type Engine = Stored & {
  readonly engine: string;
  readonly version?: string;
  readonly databaseName?: string;
  readonly backupRetentionDays?: number;
  readonly deletionProtection?: boolean;
  readonly copyTagsToSnapshot?: boolean;
};

/** An RDS instance on its own. */
export type EstateDatabase = Engine & {
  readonly class: string;
  readonly sizeGiB: number;
  readonly storageType?: string;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly multiAz?: boolean;
  /** A zone's letter. */
  readonly zone?: string;
  readonly state?: 'available' | 'stopped';
};

/** An Aurora cluster with its instances. */
export type EstateDatabaseCluster = Engine & {
  readonly members?: readonly {
    readonly name: string;
    readonly class: string;
    readonly tags?: Readonly<Record<string, string>>;
  }[];
};

export type EstateRedshiftCluster = Stored & {
  readonly nodeType: string;
  readonly nodes?: number;
  readonly databaseName?: string;
  readonly state?: 'available' | 'paused';
};
