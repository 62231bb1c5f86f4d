import type { Call, Reply } from '../wire/call.ts';
import { listOf } from '../wire/xml.ts';
import { kinds, own } from './kinds.ts';
import type { Operations } from './operation.ts';
import { manualCount } from './snapshot-rules.ts';

const describe = (call: Call): Reply => {
  const { limits } = call.world.settings;
  const databases = own(call, kinds.database);
  const usedGiB = databases.reduce((sum, one) => sum + one.allocatedGiB, 0);
  const rows: readonly (readonly [string, number, number])[] = [
    ['DBInstances', databases.length, limits.databases],
    ['ReservedDBInstances', 0, 40],
    ['AllocatedStorage', usedGiB, 100_000],
    ['DBSecurityGroups', 0, 25],
    ['AuthorizationsPerDBSecurityGroup', 0, 20],
    ['DBParameterGroups', own(call, kinds.parameterGroup).length, 150],
    ['ManualSnapshots', manualCount(call, kinds.snapshot), limits.manualDatabaseSnapshots],
    ['EventSubscriptions', 0, 20],
    ['DBSubnetGroups', own(call, kinds.subnetGroup).length, 50],
    ['OptionGroups', own(call, kinds.optionGroup).length, 20],
    ['SubnetsPerDBSubnetGroup', 0, 20],
    ['ReadReplicasPerMaster', 0, 15],
    ['DBClusters', own(call, kinds.cluster).length, limits.databaseClusters],
    ['DBClusterParameterGroups', own(call, kinds.clusterParameterGroup).length, 50],
    ['DBClusterRoles', 0, 5],
    ['ManualClusterSnapshots', manualCount(call, kinds.clusterSnapshot), limits.manualClusterSnapshots],
  ];
  return {
    AccountQuotas: listOf(
      'AccountQuota',
      rows.map(([AccountQuotaName, Used, Max]) => ({ AccountQuotaName, Used, Max })),
    ),
  };
};

/** What the account may have in the region and how much of it is used. */
export const quotaOperations: Operations = { DescribeAccountAttributes: { run: describe } };
