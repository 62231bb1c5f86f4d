import type { Tag } from './instance-configuration.ts';

/**
 * What a database, database cluster or Redshift cluster was when it was backed up: all that restoring its snapshot under the
 * same settings needs and that the snapshot itself does not carry (RDS and Redshift give a restored one their defaults).
 */
export type DatabaseConfiguration = {
  readonly engine: string;
  readonly engineVersion: string;
  /** Its state when the backup was planned, as AWS names it. */
  readonly status: string;
  /** `db.m6g.large`, `ra3.xlplus`; empty for a cluster whose members have their own. */
  readonly instanceClass: string;
  readonly storageType: string | null;
  readonly sizeGiB: number | null;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
  readonly port: number | null;
  readonly zone: string | null;
  readonly isMultiAz: boolean;
  readonly isPubliclyAccessible: boolean;
  readonly subnetGroup: string | null;
  readonly securityGroupIds: readonly string[];
  readonly parameterGroup: string | null;
  readonly optionGroup: string | null;
  readonly isEncrypted: boolean;
  readonly kmsKeyId: string | null;
  readonly hasDeletionProtection: boolean;
  readonly copiesTagsToSnapshots: boolean;
  /** How many nodes a Redshift cluster has; null elsewhere. */
  readonly nodeCount: number | null;
  /** The members of a database cluster, writer first; empty elsewhere. */
  readonly members: readonly {
    readonly identifier: string;
    readonly instanceClass: string;
    readonly isWriter: boolean;
  }[];
  readonly tags: readonly Tag[];
};
