import type { Ec2Port, RdsPort, RedshiftPort } from '@cpm/aws/port';
import type { DatabaseRecoveryChoices } from '@cpm/contract';

type Ports = { readonly ec2: Ec2Port; readonly rds: RdsPort; readonly redshift: RedshiftPort };

/** What the recovery of a database or cluster in the region can name, and the names that are taken; each list complete. */
export async function listDatabaseRecoveryChoices({ ec2, rds, redshift }: Ports): Promise<DatabaseRecoveryChoices> {
  const [zones, securityGroups, subnetGroups, parameterGroups, clusterParameterGroups, optionGroups] =
    await Promise.all([
      ec2.describeZones(),
      ec2.describeSecurityGroups(),
      rds.listSubnetGroups(),
      rds.listParameterGroups(),
      rds.listClusterParameterGroups(),
      rds.listOptionGroups(),
    ]);
  const [redshiftSubnetGroups, redshiftParameterGroups, databases, databaseClusters, redshiftClusters] =
    await Promise.all([
      redshift.listSubnetGroups(),
      redshift.listParameterGroups(),
      rds.listDatabases(),
      rds.listDatabaseClusters(),
      redshift.listClusters(),
    ]);
  return {
    zones: zones.filter(({ state }) => state === 'available').map(({ name }) => name),
    securityGroups: securityGroups.map(({ groupId, name, vpcId }) => ({ id: groupId, name, vpcId: vpcId ?? '' })),
    databaseSubnetGroups: subnetGroups.map(({ zones: covered, ...group }) => ({ ...group, zones: [...covered] })),
    parameterGroups: [...parameterGroups],
    clusterParameterGroups: [...clusterParameterGroups],
    optionGroups: optionGroups.map(({ name, engine, majorVersion }) => ({ name, engine, majorVersion })),
    redshiftSubnetGroups: redshiftSubnetGroups.map(({ zones: covered, ...group }) => ({
      ...group,
      zones: [...covered],
    })),
    redshiftParameterGroups: [...redshiftParameterGroups],
    databaseIds: databases.map(({ databaseId }) => databaseId),
    databaseClusterIds: databaseClusters.map(({ clusterId }) => clusterId),
    redshiftClusterIds: redshiftClusters.map(({ clusterId }) => clusterId),
  };
}
