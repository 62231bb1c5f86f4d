import type * as aws from '@aws-sdk/client-redshift';
import type { RedshiftPlaces, RedshiftRestores, RestoreClusterInput } from '../port/redshift-restores.ts';
import { NAMED_PAGE_SIZE, readAllPages } from './pages.ts';
import { toRedshiftCluster } from './redshift-shapes.ts';
import { goneIfMissing, type RedshiftCalls } from './service-calls.ts';
import { orLeftOut, toSdkTags } from './shapes.ts';

export function redshiftRestores({ repeatable }: RedshiftCalls, region: string): RedshiftRestores {
  return {
    restoreCluster: async (input) => {
      const { Cluster = {} } = await repeatable('RestoreFromClusterSnapshot', (redshift, sdk) =>
        redshift.send(new sdk.RestoreFromClusterSnapshotCommand(toRestoreCluster(input))),
      );
      return toRedshiftCluster(Cluster);
    },
    tagCluster: async ({ accountNumber, clusterId }, tags) => {
      const ResourceName = `arn:${partitionOf(region)}:redshift:${region}:${accountNumber}:cluster:${clusterId}`;
      await repeatable('CreateTags', (redshift, sdk) =>
        redshift.send(new sdk.CreateTagsCommand({ ResourceName, Tags: toSdkTags(tags) })),
      );
    },
    deleteCluster: (ClusterIdentifier) =>
      goneIfMissing(
        repeatable('DeleteCluster', (redshift, sdk) =>
          redshift.send(new sdk.DeleteClusterCommand({ ClusterIdentifier, SkipFinalClusterSnapshot: true })),
        ),
        'deleted' as const,
      ),
  };
}

export function redshiftPlaces({ read }: RedshiftCalls): RedshiftPlaces {
  const page = { MaxRecords: NAMED_PAGE_SIZE };
  return {
    listSubnetGroups: () =>
      readAllPages(
        (Marker) =>
          read('DescribeClusterSubnetGroups', (redshift, sdk) =>
            redshift.send(new sdk.DescribeClusterSubnetGroupsCommand({ ...page, Marker })),
          ),
        ({ ClusterSubnetGroups = [] }) =>
          ClusterSubnetGroups.map(({ ClusterSubnetGroupName = '', VpcId = '', Subnets = [] }) => ({
            name: ClusterSubnetGroupName,
            vpcId: VpcId,
            zones: [...new Set(Subnets.flatMap((subnet) => subnet.SubnetAvailabilityZone?.Name ?? []))].toSorted(),
          })),
      ),
    listParameterGroups: () =>
      readAllPages(
        (Marker) =>
          read('DescribeClusterParameterGroups', (redshift, sdk) =>
            redshift.send(new sdk.DescribeClusterParameterGroupsCommand({ ...page, Marker })),
          ),
        ({ ParameterGroups = [] }) =>
          ParameterGroups.map(({ ParameterGroupName = '', ParameterGroupFamily = '' }) => ({
            name: ParameterGroupName,
            family: ParameterGroupFamily,
          })),
      ),
  };
}

/** ARNs begin otherwise in China and for the government (AWS General Reference, "ARN format"). */
const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

function toRestoreCluster(input: RestoreClusterInput): aws.RestoreFromClusterSnapshotCommandInput {
  const ifAny = (values: readonly string[]) => (values.length === 0 ? undefined : [...values]);
  return {
    ClusterIdentifier: input.clusterId,
    SnapshotIdentifier: input.awsSnapshotId,
    NodeType: orLeftOut(input.nodeType),
    NumberOfNodes: orLeftOut(input.nodeCount),
    Port: orLeftOut(input.port),
    AvailabilityZone: orLeftOut(input.zone),
    ClusterSubnetGroupName: orLeftOut(input.subnetGroup),
    VpcSecurityGroupIds: ifAny(input.securityGroupIds),
    ClusterParameterGroupName: orLeftOut(input.parameterGroup),
    PubliclyAccessible: orLeftOut(input.publiclyAccessible),
    EnhancedVpcRouting: orLeftOut(input.enhancedVpcRouting),
    AvailabilityZoneRelocation: orLeftOut(input.zoneRelocation),
    MultiAZ: orLeftOut(input.multiAz),
    KmsKeyId: orLeftOut(input.kmsKeyId),
    IamRoles: ifAny(input.iamRoleArns),
    DefaultIamRoleArn: orLeftOut(input.defaultIamRoleArn),
    PreferredMaintenanceWindow: orLeftOut(input.maintenanceWindow),
    MaintenanceTrackName: orLeftOut(input.maintenanceTrack),
    AllowVersionUpgrade: orLeftOut(input.allowVersionUpgrade),
    AutomatedSnapshotRetentionPeriod: orLeftOut(input.automatedRetentionDays),
    SnapshotScheduleIdentifier: orLeftOut(input.snapshotSchedule),
    ManageMasterPassword: input.managesMasterPassword ? true : undefined,
  };
}
