import type * as aws from '@aws-sdk/client-rds';
import type { ParameterGroup, RdsPlaces } from '../port/rds-places.ts';
import { NAMED_PAGE_SIZE, readAllPages } from './pages.ts';
import { nullIfMissing, type RdsCalls } from './service-calls.ts';
import { orLeftOut, orNull } from './shapes.ts';

const page = { MaxRecords: NAMED_PAGE_SIZE };

export function rdsPlaces({ read }: RdsCalls): RdsPlaces {
  return {
    listSubnetGroups: () =>
      readAllPages(
        (Marker) =>
          read('DescribeDBSubnetGroups', (rds, sdk) =>
            rds.send(new sdk.DescribeDBSubnetGroupsCommand({ ...page, Marker })),
          ),
        ({ DBSubnetGroups = [] }) =>
          DBSubnetGroups.map(({ DBSubnetGroupName = '', VpcId = '', Subnets = [] }) => ({
            name: DBSubnetGroupName,
            vpcId: VpcId,
            zones: zonesOf(Subnets.map(({ SubnetAvailabilityZone }) => SubnetAvailabilityZone)),
          })),
      ),
    listParameterGroups: () =>
      readAllPages(
        (Marker) =>
          read('DescribeDBParameterGroups', (rds, sdk) =>
            rds.send(new sdk.DescribeDBParameterGroupsCommand({ ...page, Marker })),
          ),
        ({ DBParameterGroups = [] }) =>
          DBParameterGroups.map(({ DBParameterGroupName: name = '', DBParameterGroupFamily: family = '' }) => ({
            name,
            family,
          })),
      ),
    listClusterParameterGroups: () =>
      readAllPages(
        (Marker) =>
          read('DescribeDBClusterParameterGroups', (rds, sdk) =>
            rds.send(new sdk.DescribeDBClusterParameterGroupsCommand({ ...page, Marker })),
          ),
        ({ DBClusterParameterGroups = [] }): ParameterGroup[] =>
          DBClusterParameterGroups.map(
            ({ DBClusterParameterGroupName: name = '', DBParameterGroupFamily: family = '' }) => ({
              name,
              family,
            }),
          ),
      ),
    listOptionGroups: async () => {
      const groups = readAllPages(
        (Marker) =>
          read('DescribeOptionGroups', (rds, sdk) =>
            rds.send(new sdk.DescribeOptionGroupsCommand({ ...page, Marker })),
          ),
        ({ OptionGroupsList = [] }) =>
          OptionGroupsList.map((group) => ({
            name: group.OptionGroupName ?? '',
            engine: group.EngineName ?? '',
            majorVersion: group.MajorEngineVersion ?? '',
            vpcId: orNull(group.VpcId),
          })),
      );
      // Some endpoints answer an account without any with NotFound.
      return (await nullIfMissing(groups)) ?? [];
    },
    listOrderableClasses: async ({ engine, engineVersion, instanceClass }) => {
      const input = { ...page, Engine: engine, EngineVersion: orLeftOut(engineVersion) };
      const ask = (more: Partial<aws.DescribeOrderableDBInstanceOptionsCommandInput>) =>
        read('DescribeOrderableDBInstanceOptions', (rds, sdk) =>
          rds.send(new sdk.DescribeOrderableDBInstanceOptionsCommand({ ...input, ...more })),
        );
      const offers = await readAllPages(
        (Marker) => ask({ Marker, DBInstanceClass: instanceClass }),
        ({ OrderableDBInstanceOptions = [] }) =>
          OrderableDBInstanceOptions.filter(({ DBInstanceClass }) => DBInstanceClass === instanceClass).map(
            (option) => ({
              instanceClass,
              storageType: orNull(option.StorageType),
              zones: zonesOf(option.AvailabilityZones ?? []),
              canBeMultiAz: option.MultiAZCapable ?? false,
            }),
          ),
      );
      if (offers.length > 0) return offers;
      const { OrderableDBInstanceOptions: any = [] } = await ask({});
      return any.length === 0 ? null : [];
    },
  };
}

const zonesOf = (zones: readonly (aws.AvailabilityZone | undefined)[]): string[] =>
  [...new Set(zones.flatMap((zone) => zone?.Name ?? []))].toSorted();
