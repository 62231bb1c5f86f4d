import { describeTarget, type DatabaseTarget, type TargetKind } from '../policy/targets.ts';
import type { Tag } from '../recovery/instance-configuration.ts';
import type { SnapshotService } from './phase.ts';
import type { MissingPart, MissingTarget } from './plan-snapshots.ts';

export type DatabaseKind = DatabaseTarget['kind'];
export type DatabaseService = Exclude<SnapshotService, 'ebs'>;

const SERVICES = {
  database: 'rds',
  'database-cluster': 'rds-cluster',
  'redshift-cluster': 'redshift',
} as const satisfies Record<DatabaseKind, DatabaseService>;

/** Which service of AWS holds the snapshots of that kind of database. */
export function databaseServiceOf(kind: DatabaseKind): DatabaseService {
  return SERVICES[kind];
}

/** Whether targets of the kind are databases or clusters, which AWS snapshots as a whole and by name. */
export function isDatabaseKind(kind: TargetKind): kind is DatabaseKind {
  return Object.hasOwn(SERVICES, kind);
}

/** A database or cluster as AWS shows it when a backup is planned. */
export type InventoryDatabase = {
  readonly kind: DatabaseKind;
  readonly region: string;
  readonly identifier: string;
  /** AWS's state name, such as available, modifying, stopped, deleting. */
  readonly state: string;
  readonly engine: string;
  /** The cluster that a database is a member of. */
  readonly clusterId: string | null;
  readonly sizeGiB: number | null;
  readonly tags: readonly Tag[];
};

export type PlannedDatabase = {
  readonly target: DatabaseTarget;
  readonly service: DatabaseService;
  readonly sizeGiB: number;
  readonly tags: readonly Tag[];
};

export type DatabasePlan = {
  /** One call and one snapshot each. */
  readonly snapshots: readonly PlannedDatabase[];
  readonly missingTargets: readonly MissingTarget[];
  readonly missingParts: readonly MissingPart[];
  readonly notes: readonly string[];
};

/**
 * Which databases and clusters of a policy are snapshotted (POL-2, POL-3). One that is not available now is planned all the
 * same: its call waits for it. `found` must come from complete listings.
 */
export function planDatabaseSnapshots(
  targets: readonly DatabaseTarget[],
  found: readonly InventoryDatabase[],
): DatabasePlan {
  const byKey = new Map(found.map((database) => [keyOf(database), database]));
  const plan: { -readonly [Key in keyof DatabasePlan]: DatabasePlan[Key][number][] } = {
    snapshots: [],
    missingTargets: [],
    missingParts: [],
    notes: [],
  };
  for (const target of targets) {
    const database = byKey.get(keyOf(target));
    if (database === undefined || isDatabaseGone(database.state)) {
      const reason = `${describeTarget(target)} ${database === undefined ? 'does not exist' : `is ${database.state}`}`;
      plan.missingTargets.push({ target, reason });
      continue;
    }
    const obstacle = databaseObstacle(database);
    if (obstacle !== null) {
      plan.missingParts.push({ target, volumeId: null, reason: `${describeTarget(target)} ${obstacle}` });
      continue;
    }
    if (!takesSnapshots(database.state)) {
      plan.notes.push(`${target.identifier} is ${database.state}: its snapshot starts when it is available`);
    }
    const { sizeGiB, tags } = database;
    plan.snapshots.push({ target, service: databaseServiceOf(target.kind), sizeGiB: sizeGiB ?? 0, tags });
  }
  return plan;
}

const keyOf = ({ kind, region, identifier }: DatabaseTarget) => `${kind}/${region}/${identifier.toLowerCase()}`;

/** Whether AWS shows a database for the last time: it is being deleted, or it has been. */
export function isDatabaseGone(state: string): boolean {
  return ['deleting', 'deleted', 'final-snapshot'].includes(state);
}

/** Whether AWS takes a snapshot in this state (Amazon RDS API Reference, CreateDBSnapshot). */
export function takesSnapshots(state: string): boolean {
  return state === 'available' || state === 'storage-optimization';
}

/** States that AWS leaves by itself for one that takes snapshots (Amazon RDS User Guide, "Viewing DB instance status"). */
const PASSING =
  /^(?:backing-up|backtracking|creating|maintenance|modifying|moving-to-vpc|rebooting|renaming|resizing|starting|upgrading|resetting-master-credentials|rotating-keys|configuring-.*)$/;

/** Whether AWS takes no snapshot in this state, but will in a while without anybody doing anything. */
export function willTakeSnapshots(state: string): boolean {
  return PASSING.test(state);
}

/** Engines that show up among RDS's clusters and belong to services of their own. */
const FOREIGN_ENGINES: Readonly<Record<string, string>> = { docdb: 'Amazon DocumentDB', neptune: 'Amazon Neptune' };

/** Why a database or cluster cannot be a target, as the end of a sentence that names it; null when it can. */
export function databaseObstacle({ kind, engine, clusterId }: Omit<InventoryDatabase, 'tags'>): string | null {
  const foreign = FOREIGN_ENGINES[engine];
  if (foreign !== undefined) return `belongs to ${foreign}, which CPM does not back up`;
  if (kind !== 'database' || clusterId === null) return null;
  return `is a member of the cluster ${clusterId}: AWS snapshots only the whole cluster, so add that instead`;
}
