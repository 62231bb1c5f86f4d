import {
  CreateClusterSnapshotCommand,
  DeleteClusterSnapshotCommand,
  DescribeClustersCommand,
  DescribeClusterSnapshotsCommand,
  CreateTagsCommand,
  DeleteClusterCommand,
  DescribeClusterParameterGroupsCommand,
  DescribeClusterSubnetGroupsCommand,
  RestoreFromClusterSnapshotCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';

/** The part of the SDK that CPM uses, in one place that is only loaded when the first Redshift call is made. */
export const redshiftSdk = {
  CreateClusterSnapshotCommand,
  DeleteClusterSnapshotCommand,
  DescribeClustersCommand,
  DescribeClusterSnapshotsCommand,
  CreateTagsCommand,
  DeleteClusterCommand,
  DescribeClusterParameterGroupsCommand,
  DescribeClusterSubnetGroupsCommand,
  RestoreFromClusterSnapshotCommand,
  RedshiftClient,
};
