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
};

/** A disk of an instance; the one at the image's root device changes that. */
export type EstateDisk = Disk & { readonly device: string; readonly deleteOnTermination?: boolean };

/** A volume on its own. */
export type EstateVolume = Disk & { readonly sizeGiB: number; readonly zone: string };

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
  readonly keyName?: string;
  readonly securityGroups?: readonly string[];
  readonly placementGroup?: string;
  readonly instanceProfile?: string;
  readonly userData?: string;
  readonly state?: 'running' | 'stopped';
  readonly protected?: boolean;
  readonly hibernation?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly disks?: readonly EstateDisk[];
};
