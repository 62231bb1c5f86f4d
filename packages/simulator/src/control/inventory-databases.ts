import { snapshotStatus } from '../rds/make-snapshot.ts';
import { snapshotStatus as redshiftStatus } from '../redshift/cluster-states.ts';
import type { ClusterSnapshot, DatabaseSnapshot } from '../state/database-records.ts';
import type { Thing } from '../state/records.ts';
import { percentMade, stateAt } from '../state/timeline.ts';
import type { Region } from '../state/world.ts';

type Row = {
  readonly type: string;
  readonly thing: Thing;
  readonly state: string | undefined;
  readonly [more: string]: unknown;
};

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

const snapshotFacts = (thing: DatabaseSnapshot | ClusterSnapshot, now: number) => ({
  thing,
  state: snapshotStatus(thing, now),
  snapshotType: thing.type,
  engine: thing.engine,
  allocatedGiB: thing.allocatedGiB,
  encrypted: thing.encrypted,
  kmsKeyArn: thing.kmsKeyArn,
  sharedWith: [...thing.sharedWith],
  copiedFrom: thing.copiedFrom,
  progress: `${percentMade(thing, now)}%`,
  completesAt: iso(thing.completesAt),
  failsAt: iso(thing.failsAt),
});

/** Everything of RDS and Redshift in a region that exists or ever existed, with its state at the moment. */
export const databaseRows = (region: Region, now: number): readonly Row[] => [
  ...[...region.databases.values()].map((thing) => ({
    type: 'db-instance',
    thing,
    state: stateAt(thing.states, now),
    engine: thing.engine,
    clusterId: thing.clusterId,
    multiAz: thing.multiAz,
    zone: thing.zone,
    states: thing.states,
  })),
  ...[...region.databaseClusters.values()].map((thing) => ({
    type: 'db-cluster',
    thing,
    state: stateAt(thing.states, now),
    engine: thing.engine,
    states: thing.states,
  })),
  ...[...region.databaseSnapshots.values()].map((thing) => ({
    type: 'db-snapshot',
    ...snapshotFacts(thing, now),
    databaseId: thing.databaseId,
  })),
  ...[...region.clusterSnapshots.values()].map((thing) => ({
    type: 'db-cluster-snapshot',
    ...snapshotFacts(thing, now),
    clusterId: thing.clusterId,
  })),
  ...[...region.redshiftClusters.values()].map((thing) => ({
    type: 'redshift-cluster',
    thing,
    state: stateAt(thing.states, now),
    nodeType: thing.nodeType,
    nodes: thing.nodes,
    states: thing.states,
  })),
  ...[...region.redshiftSnapshots.values()].map((thing) => ({
    type: 'redshift-snapshot',
    thing,
    state: redshiftStatus(thing, now),
    snapshotType: thing.type,
    clusterId: thing.cluster.id,
    encrypted: thing.encrypted,
    kmsKeyArn: thing.kmsKeyArn,
    progress: `${percentMade(thing, now)}%`,
    completesAt: iso(thing.completesAt),
    failsAt: iso(thing.failsAt),
  })),
];
