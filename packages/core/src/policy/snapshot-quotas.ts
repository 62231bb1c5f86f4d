import { databaseServiceOf, type DatabaseKind, type DatabaseService } from '../backup/plan-databases.ts';

/**
 * How many manual snapshots an account may have in a region by default. AWS tells the present figure for RDS; for Redshift
 * it tells none, so this default stands for it (Amazon Redshift Management Guide, "Quotas and limits").
 */
export const REDSHIFT_MANUAL_SNAPSHOTS = 20;

/** What AWS told of the room for manual snapshots of an account, in one region and service. */
export type SnapshotQuota = {
  readonly region: string;
  readonly service: DatabaseService;
  readonly used: number;
  readonly max: number;
  /** Of those used, how many were snapshots that CPM has on record. */
  readonly ofCpm: number;
  /** Whether `max` is AWS's default and not what AWS told of this account. */
  readonly isAssumed: boolean;
};

/** So many targets of a kind in a region, in a policy that keeps so many generations. */
export type SnapshotDemand = {
  readonly kind: DatabaseKind;
  readonly region: string;
  readonly targets: number;
  readonly generations: number;
};

const WORDS: Readonly<Record<DatabaseKind, string>> = {
  database: 'databases',
  'database-cluster': 'database clusters',
  'redshift-cluster': 'Redshift clusters',
};

/**
 * Where the generations of a policy will not fit into AWS's quotas of manual snapshots, in words: its own, with those of the
 * account's other policies (`others`) and what others than CPM use. A quota that is not known says nothing.
 */
export function describeQuotaShortage(
  own: readonly SnapshotDemand[],
  others: readonly SnapshotDemand[],
  quotas: readonly SnapshotQuota[],
): string[] {
  return own.flatMap((demand) => {
    const service = databaseServiceOf(demand.kind);
    const quota = quotas.find((each) => each.service === service && each.region === demand.region);
    if (quota === undefined) return [];
    const elsewhere = others
      .filter(({ kind, region }) => kind === demand.kind && region === demand.region)
      .reduce((sum, each) => sum + mostAtOnce(each), 0);
    const foreign = Math.max(0, quota.used - quota.ofCpm);
    if (mostAtOnce(demand) + elsewhere + foreign <= quota.max) return [];
    return [`${describeDemand(demand)}${describeOthers(elsewhere)}; ${describeQuota(quota)}.`];
  });
}

/** The next generation is made before the oldest is deleted. */
const mostAtOnce = ({ generations, targets }: SnapshotDemand): number => (generations + 1) * targets;

function describeDemand(demand: SnapshotDemand): string {
  const { generations, targets, kind } = demand;
  const times = `${generations} generations × ${targets} ${targets === 1 ? WORDS[kind].slice(0, -1) : WORDS[kind]}`;
  return `${times} = ${generations * targets} snapshots, ${mostAtOnce(demand)} while the next is made`;
}

const describeOthers = (snapshots: number): string =>
  snapshots === 0 ? '' : `, and other policies of the account need ${snapshots}`;

function describeQuota({ region, max, used, isAssumed }: SnapshotQuota): string {
  const whose = isAssumed ? `AWS's default quota in ${region}` : `the quota of ${region}`;
  return `${whose} is ${max} manual snapshots, ${used} used when last read`;
}
