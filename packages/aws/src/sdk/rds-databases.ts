import type * as aws from '@aws-sdk/client-rds';
import type { Quota, RdsDatabases } from '../port/rds.ts';
import { describeByNames } from './described-names.ts';
import { NAMED_PAGE_SIZE, readAllPages } from './pages.ts';
import { toDatabase, toDatabaseCluster } from './rds-shapes.ts';
import type { RdsCalls } from './service-calls.ts';

export function rdsDatabases({ read }: RdsCalls): RdsDatabases {
  const databases = (input: aws.DescribeDBInstancesCommandInput) =>
    readAllPages(
      (Marker) =>
        read('DescribeDBInstances', (rds, sdk) =>
          rds.send(new sdk.DescribeDBInstancesCommand({ ...input, MaxRecords: NAMED_PAGE_SIZE, Marker })),
        ),
      (page) => (page.DBInstances ?? []).map(toDatabase),
    );
  const clusters = (input: aws.DescribeDBClustersCommandInput) =>
    readAllPages(
      (Marker) =>
        read('DescribeDBClusters', (rds, sdk) =>
          rds.send(new sdk.DescribeDBClustersCommand({ ...input, MaxRecords: NAMED_PAGE_SIZE, Marker })),
        ),
      (page) => (page.DBClusters ?? []).map(toDatabaseCluster),
    );
  return {
    listDatabases: () => databases({}),
    describeDatabases: (databaseIds) =>
      describeByNames(databaseIds, {
        read: (Values) => databases({ Filters: [{ Name: 'db-instance-id', Values }] }),
        nameOf: ({ databaseId }) => databaseId,
      }),
    listDatabaseClusters: () => clusters({}),
    describeDatabaseClusters: (clusterIds) =>
      describeByNames(clusterIds, {
        read: (Values) => clusters({ Filters: [{ Name: 'db-cluster-id', Values }] }),
        nameOf: ({ clusterId }) => clusterId,
      }),
    readQuotas: async () => {
      const { AccountQuotas = [] } = await read('DescribeAccountAttributes', (rds, sdk) =>
        rds.send(new sdk.DescribeAccountAttributesCommand({})),
      );
      return {
        manualSnapshots: quotaOf(AccountQuotas, 'ManualSnapshots'),
        manualClusterSnapshots: quotaOf(AccountQuotas, 'ManualClusterSnapshots'),
        databases: quotaOf(AccountQuotas, 'DBInstances'),
        databaseClusters: quotaOf(AccountQuotas, 'DBClusters'),
        storageGiB: quotaOf(AccountQuotas, 'AllocatedStorage'),
      };
    },
  };
}

function quotaOf(quotas: readonly aws.AccountQuota[], name: string): Quota | null {
  const { Used, Max } = quotas.find(({ AccountQuotaName }) => AccountQuotaName === name) ?? {};
  return Used === undefined || Max === undefined ? null : { used: Used, max: Max };
}
