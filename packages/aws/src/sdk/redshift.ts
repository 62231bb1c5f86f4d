import type * as aws from '@aws-sdk/client-redshift';
import type { CreateClusterSnapshotInput, RedshiftPort } from '../port/redshift.ts';
import type { Caller } from './call.ts';
import { NAMED_PAGE_SIZE, readAllPages } from './pages.ts';
import { readiness } from './readiness.ts';
import { redshiftPlaces, redshiftRestores } from './redshift-restores.ts';
import { toRedshiftCluster, toRedshiftSnapshot } from './redshift-shapes.ts';
import { goneIfMissing, nullIfMissing, serviceCalls, type RedshiftCalls } from './service-calls.ts';
import { toSdkTags } from './shapes.ts';
import type { Wiring } from './wiring.ts';

/** Redshift takes one name a call and has no filter for several: from so many on the whole list costs less. */
const FEW_NAMES = 3;

export function redshiftPort(wiring: Wiring, caller: Caller): RedshiftPort {
  const access = { ...wiring, caller, service: 'redshift' as const, connect: wiring.clients.redshift };
  const calls = serviceCalls(access);
  const { reserve } = readiness(access);
  return {
    region: caller.region,
    ...redshiftClusters(calls),
    ...redshiftSnapshots(calls),
    ...redshiftPlaces(calls),
    ...redshiftRestores(calls, caller.region),
    reserve: (wanted) => reserve(wanted, (holder) => redshiftPort(wiring, holder)),
  };
}

function redshiftClusters({ read }: RedshiftCalls) {
  const list = (input: aws.DescribeClustersCommandInput) =>
    readAllPages(
      (Marker) =>
        read('DescribeClusters', (redshift, sdk) =>
          redshift.send(new sdk.DescribeClustersCommand({ ...input, ...pageOf(input.ClusterIdentifier), Marker })),
        ),
      (page) => (page.Clusters ?? []).map(toRedshiftCluster),
    );
  return {
    listClusters: () => list({}),
    describeClusters: (clusterIds: readonly string[]) =>
      findByNames(clusterIds, {
        readOne: (ClusterIdentifier) => list({ ClusterIdentifier }),
        readAll: () => list({}),
        nameOf: ({ clusterId }) => clusterId,
      }),
  };
}

function redshiftSnapshots({ read, repeatable }: RedshiftCalls) {
  const list = (input: aws.DescribeClusterSnapshotsCommandInput) =>
    readAllPages(
      (Marker) =>
        read('DescribeClusterSnapshots', (redshift, sdk) =>
          redshift.send(
            new sdk.DescribeClusterSnapshotsCommand({ ...input, ...pageOf(input.SnapshotIdentifier), Marker }),
          ),
        ),
      (page) => (page.Snapshots ?? []).map((snapshot) => toRedshiftSnapshot(snapshot)),
    );
  // What AWS made itself may never be taken for a backup, even by an endpoint that does not know the parameter.
  const listManual = async () => (await list({ SnapshotType: 'manual' })).filter(({ kind }) => kind === 'manual');
  return {
    createClusterSnapshot: async ({ awsSnapshotId, clusterId, tags }: CreateClusterSnapshotInput) => {
      const input = { SnapshotIdentifier: awsSnapshotId, ClusterIdentifier: clusterId, Tags: toSdkTags(tags) };
      const { Snapshot = {} } = await repeatable('CreateClusterSnapshot', (redshift, sdk) =>
        redshift.send(new sdk.CreateClusterSnapshotCommand(input)),
      );
      return toRedshiftSnapshot(Snapshot, tags);
    },
    describeClusterSnapshots: (awsSnapshotIds: readonly string[]) =>
      findByNames(awsSnapshotIds, {
        readOne: (SnapshotIdentifier) => list({ SnapshotIdentifier }),
        readAll: listManual,
        nameOf: ({ awsSnapshotId }) => awsSnapshotId,
      }),
    listManualSnapshots: listManual,
    deleteClusterSnapshot: (SnapshotIdentifier: string) =>
      goneIfMissing(
        repeatable('DeleteClusterSnapshot', (redshift, sdk) =>
          redshift.send(new sdk.DeleteClusterSnapshotCommand({ SnapshotIdentifier })),
        ),
        'deleted' as const,
      ),
  };
}

/** A page size together with a name is refused here and there, and of no use. */
function pageOf(name: string | undefined): { readonly MaxRecords?: number } {
  return name === undefined ? { MaxRecords: NAMED_PAGE_SIZE } : {};
}

type ByName<Row> = {
  readonly readOne: (name: string) => Promise<readonly Row[]>;
  readonly readAll: () => Promise<readonly Row[]>;
  readonly nameOf: (row: Row) => string;
};

/** The rows of those names; unknown ones are absent. No names, no call. */
async function findByNames<Row>(names: readonly string[], { readOne, readAll, nameOf }: ByName<Row>): Promise<Row[]> {
  const wanted = new Set(names.filter((name) => name !== '').map((name) => name.toLowerCase()));
  const parts =
    wanted.size > FEW_NAMES
      ? [await readAll()]
      : await Promise.all([...wanted].map(async (name) => (await nullIfMissing(readOne(name))) ?? []));
  return parts.flat().filter((row) => wanted.has(nameOf(row).toLowerCase()));
}
