import type { Clock } from '../clock/clock.ts';
import type { Settings } from '../settings.ts';
import type { Account, Credential } from '../iam/records.ts';
import type { FaultRule } from '../faults/rules.ts';
import type { CallRecord } from '../control/calls.ts';
import type { Buckets } from '../wire/buckets.ts';
import type { IdSource } from './ids.ts';
import type {
  ClusterSnapshot,
  Database,
  DatabaseCluster,
  DatabaseSnapshot,
  EngineGroup,
  RedshiftCluster,
  RedshiftSnapshot,
  SubnetGroup,
} from './database-records.ts';
import type { Agent, SsmCommand } from './command-records.ts';
import type { CommandPlan } from '../ssm/plans.ts';
import type { Named } from './named.ts';
import type {
  Address,
  DedicatedHost,
  Image,
  Instance,
  KeyPair,
  KmsKey,
  NetworkInterface,
  PlacementGroup,
  SecurityGroup,
  Snapshot,
  Subnet,
  Volume,
  Vpc,
} from './records.ts';

export type Zone = { readonly name: string; readonly id: string };

/** What the accounts own in one region, all accounts together; `ownerId` keeps them apart. */
export type Region = {
  readonly name: string;
  readonly optIn: boolean;
  readonly zones: readonly Zone[];
  readonly instances: Map<string, Instance>;
  readonly volumes: Map<string, Volume>;
  readonly snapshots: Map<string, Snapshot>;
  readonly images: Map<string, Image>;
  readonly keyPairs: Map<string, KeyPair>;
  readonly securityGroups: Map<string, SecurityGroup>;
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly networkInterfaces: Map<string, NetworkInterface>;
  readonly placementGroups: Map<string, PlacementGroup>;
  readonly hosts: Map<string, DedicatedHost>;
  readonly addresses: Map<string, Address>;
  readonly kmsKeys: Map<string, KmsKey>;
  readonly databases: Named<Database>;
  readonly databaseClusters: Named<DatabaseCluster>;
  readonly databaseSnapshots: Named<DatabaseSnapshot>;
  readonly clusterSnapshots: Named<ClusterSnapshot>;
  readonly subnetGroups: Named<SubnetGroup>;
  readonly parameterGroups: Named<EngineGroup>;
  readonly clusterParameterGroups: Named<EngineGroup>;
  readonly optionGroups: Named<EngineGroup>;
  readonly redshiftSubnetGroups: Named<SubnetGroup>;
  readonly redshiftParameterGroups: Named<EngineGroup>;
  readonly redshiftClusters: Named<RedshiftCluster>;
  readonly redshiftSnapshots: Named<RedshiftSnapshot>;
  /** By instance id: the instances that Systems Manager manages. */
  readonly agents: Map<string, Agent>;
  readonly commands: Map<string, SsmCommand>;
  /** Snapshots that may still be pending, so that limits need not look at all. */
  readonly unfinishedSnapshots: Set<Snapshot>;
  /** When each volume's latest snapshots were asked for. */
  readonly snapshotTimes: Map<string, number[]>;
  /** First request and result of each idempotent call: account, action and client token make the key. */
  readonly clientTokens: Map<string, { readonly fingerprint: string; readonly reply: unknown }>;
  /** Accounts whose new volumes are encrypted by default. */
  readonly encryptedByDefault: Set<string>;
  readonly defaultEbsKeys: Map<string, string>;
};

export type CollectionName =
  | 'instances'
  | 'volumes'
  | 'snapshots'
  | 'images'
  | 'keyPairs'
  | 'securityGroups'
  | 'vpcs'
  | 'subnets'
  | 'networkInterfaces'
  | 'placementGroups'
  | 'hosts'
  | 'addresses';

/** Everything the simulator knows. */
export type World = {
  readonly clock: Clock;
  /** The time throttling refills by: like the clock, but a standing clock lets real time pass too where asked for. */
  readonly throttleNow: () => number;
  readonly settings: Settings;
  readonly ids: IdSource;
  readonly accounts: Map<string, Account>;
  readonly credentials: Map<string, Credential>;
  readonly regions: Map<string, Region>;
  readonly faults: FaultRule[];
  /** How commands end that no agent really runs; where none matches they succeed. */
  readonly commandPlans: CommandPlan[];
  readonly calls: CallRecord[];
  readonly buckets: Buckets;
};

export const emptyRegion = (name: string, optIn: boolean, zones: readonly Zone[]): Region => ({
  name,
  optIn,
  zones,
  instances: new Map(),
  volumes: new Map(),
  snapshots: new Map(),
  images: new Map(),
  keyPairs: new Map(),
  securityGroups: new Map(),
  vpcs: new Map(),
  subnets: new Map(),
  networkInterfaces: new Map(),
  placementGroups: new Map(),
  hosts: new Map(),
  addresses: new Map(),
  kmsKeys: new Map(),
  databases: new Map(),
  databaseClusters: new Map(),
  databaseSnapshots: new Map(),
  clusterSnapshots: new Map(),
  subnetGroups: new Map(),
  parameterGroups: new Map(),
  clusterParameterGroups: new Map(),
  optionGroups: new Map(),
  redshiftSubnetGroups: new Map(),
  redshiftParameterGroups: new Map(),
  redshiftClusters: new Map(),
  redshiftSnapshots: new Map(),
  agents: new Map(),
  commands: new Map(),
  unfinishedSnapshots: new Set(),
  snapshotTimes: new Map(),
  clientTokens: new Map(),
  encryptedByDefault: new Set(),
  defaultEbsKeys: new Map(),
});
