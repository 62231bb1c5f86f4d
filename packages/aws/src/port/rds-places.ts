/** The subnets in which RDS may put something, by the zones that they are in. */
export type DatabaseSubnetGroup = { readonly name: string; readonly vpcId: string; readonly zones: readonly string[] };

/** `family` is engine and major version, such as `postgres16`. */
export type ParameterGroup = { readonly name: string; readonly family: string };

/** `vpcId` is set where its options tie it to one VPC. */
export type OptionGroup = {
  readonly name: string;
  readonly engine: string;
  readonly majorVersion: string;
  readonly vpcId: string | null;
};

/** A class of instances as AWS offers it for an engine and a storage type. */
export type OrderableClass = {
  readonly instanceClass: string;
  readonly storageType: string | null;
  readonly zones: readonly string[];
  readonly canBeMultiAz: boolean;
};

/** What the recovery of a database chooses from. Each list is complete or an error; all may be asked again at any time. */
export type RdsPlaces = {
  readonly listSubnetGroups: () => Promise<readonly DatabaseSubnetGroup[]>;
  readonly listParameterGroups: () => Promise<readonly ParameterGroup[]>;
  readonly listClusterParameterGroups: () => Promise<readonly ParameterGroup[]>;
  readonly listOptionGroups: () => Promise<readonly OptionGroup[]>;
  /**
   * Empty where AWS offers other classes for that engine and version in the region, but not this one; null where it tells of
   * none at all. RDS API Reference, DescribeOrderableDBInstanceOptions.
   */
  readonly listOrderableClasses: (wanted: {
    readonly engine: string;
    readonly engineVersion: string | null;
    readonly instanceClass: string;
  }) => Promise<readonly OrderableClass[] | null>;
};
