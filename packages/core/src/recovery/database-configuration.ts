import type { Tag } from './instance-configuration.ts';

/** One value of AWS's answer, kept as it came. */
export type Setting = string | number | boolean | null | readonly Setting[] | { readonly [name: string]: Setting };

/**
 * What a database, database cluster or Redshift cluster was when it was backed up: all that restoring its snapshot under the
 * same settings needs and that the snapshot itself does not carry (RDS and Redshift give a restored one their defaults).
 */
export type DatabaseConfiguration = {
  /** `postgres`, `aurora-mysql`, `redshift`… */
  readonly engine: string;
  readonly engineVersion: string | null;
  /** AWS's id, never given twice: another one under the same identifier is another database. */
  readonly awsResourceId: string | null;
  /** Its state when the backup was planned, as AWS names it. */
  readonly state: string;
  /** `db.m6g.large`, `ra3.xlplus`; null for a cluster whose members have their own. */
  readonly instanceClass: string | null;
  readonly storageType: string | null;
  readonly sizeGiB: number | null;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly databaseName: string | null;
  readonly masterUsername: string | null;
  readonly port: number | null;
  /** Where it ran; of a cluster all zones that it may use. */
  readonly zones: readonly string[];
  readonly isMultiAz: boolean;
  readonly isPubliclyAccessible: boolean | null;
  readonly vpcId: string | null;
  readonly subnetGroup: string | null;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroups: readonly string[];
  readonly optionGroup: string | null;
  readonly isEncrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly hasDeletionProtection: boolean;
  readonly copiesTagsToSnapshots: boolean;
  /** How many nodes a Redshift cluster has; null elsewhere. */
  readonly nodeCount: number | null;
  /** The members of a database cluster, writer first; empty elsewhere. */
  readonly members: readonly DatabaseMember[];
  readonly tags: readonly Tag[];
  /** Everything else that AWS told of it (windows, monitoring, roles, domains, scaling…), by name. */
  readonly settings: Readonly<Record<string, Setting>>;
};

export type DatabaseMember = {
  readonly identifier: string;
  /** Empty where the member itself was not shown. */
  readonly instanceClass: string;
  readonly isWriter: boolean;
  readonly promotionTier: number | null;
};
