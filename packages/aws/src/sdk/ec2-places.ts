import type * as aws from '@aws-sdk/client-ec2';
import { isRegionName } from '@cpm/core';
import type { Ec2Places, InstanceType } from '../port/ec2-places.ts';
import type { Ec2Calls } from './service-calls.ts';
import { literal, PAGE_SIZE, readAllPages, readByFilter } from './pages.ts';
import { orNull, tagsOf } from './shapes.ts';

/** EC2 API Reference, DescribeInstanceTypes: rows of a page. */
const TYPES_PAGE_SIZE = 100;

export function ec2Places({ read }: Ec2Calls): Ec2Places {
  return {
    describeRegions: async () => {
      const output = await read('DescribeRegions', (ec2, sdk) =>
        ec2.send(new sdk.DescribeRegionsCommand({ AllRegions: false })),
      );
      const names = (output.Regions ?? []).flatMap(({ RegionName }) => RegionName ?? []);
      return names.filter(isRegionName).toSorted();
    },
    describeZones: async () => {
      const output = await read('DescribeAvailabilityZones', (ec2, sdk) =>
        ec2.send(new sdk.DescribeAvailabilityZonesCommand({})),
      );
      return (output.AvailabilityZones ?? []).map((zone) => ({
        name: zone.ZoneName ?? '',
        zoneId: zone.ZoneId ?? '',
        state: zone.State ?? '',
        kind: zone.ZoneType ?? 'availability-zone',
      }));
    },
    describeKeyPairs: async () => {
      const output = await read('DescribeKeyPairs', (ec2, sdk) => ec2.send(new sdk.DescribeKeyPairsCommand({})));
      return (output.KeyPairs ?? []).map((pair) => ({
        name: pair.KeyName ?? '',
        keyPairId: pair.KeyPairId ?? '',
        type: orNull(pair.KeyType),
        fingerprint: orNull(pair.KeyFingerprint),
      }));
    },
    describeSecurityGroups: () => listSecurityGroups(read),
    describeSubnets: () => listSubnets(read),
    describeInstanceType: (instanceType) => describeType(read, instanceType),
    describePlacementGroups: async () => {
      const output = await read('DescribePlacementGroups', (ec2, sdk) =>
        ec2.send(new sdk.DescribePlacementGroupsCommand({})),
      );
      return (output.PlacementGroups ?? []).map((group) => ({
        name: group.GroupName ?? '',
        strategy: group.Strategy ?? '',
        state: group.State ?? '',
      }));
    },
    describeHosts: () => listHosts(read),
    describePrivateAddresses: (subnetIds) => readByFilter(subnetIds, (ids) => listAddresses(read, ids)),
    describeVcpus: async (instanceTypes) =>
      new Map(await readByFilter(instanceTypes, (names) => listVcpus(read, names))),
    describeInstanceTypeZones: (instanceType) =>
      readAllPages(
        (NextToken) =>
          read('DescribeInstanceTypeOfferings', (ec2, sdk) =>
            ec2.send(
              new sdk.DescribeInstanceTypeOfferingsCommand({
                LocationType: 'availability-zone',
                Filters: [{ Name: 'instance-type', Values: [instanceType] }],
                MaxResults: PAGE_SIZE,
                NextToken,
              }),
            ),
          ),
        (page) =>
          (page.InstanceTypeOfferings ?? [])
            .filter((offering) => offering.InstanceType === instanceType)
            .flatMap(({ Location }) => Location ?? []),
      ),
  };
}

function listHosts(read: Ec2Calls['read']) {
  return readAllPages(
    (NextToken) =>
      read('DescribeHosts', (ec2, sdk) => ec2.send(new sdk.DescribeHostsCommand({ MaxResults: 500, NextToken }))),
    (page) =>
      (page.Hosts ?? []).map((host) => ({
        hostId: host.HostId ?? '',
        zone: host.AvailabilityZone ?? '',
        state: host.State ?? '',
      })),
  );
}

function listAddresses(read: Ec2Calls['read'], subnetIds: string[]) {
  return readAllPages(
    (NextToken) =>
      read('DescribeNetworkInterfaces', (ec2, sdk) =>
        ec2.send(
          new sdk.DescribeNetworkInterfacesCommand({
            Filters: [{ Name: 'subnet-id', Values: subnetIds }],
            MaxResults: PAGE_SIZE,
            NextToken,
          }),
        ),
      ),
    (page) =>
      (page.NetworkInterfaces ?? []).flatMap(({ PrivateIpAddresses }) =>
        (PrivateIpAddresses ?? []).flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
      ),
  );
}

/** Asked by filter: an unknown type is absent instead of a refusal. */
async function describeType(read: Ec2Calls['read'], name: string): Promise<InstanceType | null> {
  const output = await read('DescribeInstanceTypes', (ec2, sdk) =>
    ec2.send(new sdk.DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: [literal(name)] }] })),
  );
  const found = (output.InstanceTypes ?? []).find(({ InstanceType: each }) => each === name);
  if (found === undefined) return null;
  return {
    name,
    architectures: found.ProcessorInfo?.SupportedArchitectures ?? [],
    virtualizationTypes: found.SupportedVirtualizationTypes ?? [],
    bootModes: found.SupportedBootModes ?? [],
    ena: found.NetworkInfo?.EnaSupport ?? 'supported',
    nitroTpm: found.NitroTpmSupport === 'supported',
    placementStrategies: found.PlacementGroupInfo?.SupportedStrategies ?? [],
    dedicatedHosts: found.DedicatedHostsSupported ?? false,
    mostInterfaces: found.NetworkInfo?.MaximumNetworkInterfaces ?? null,
    hibernation: found.HibernationSupported ?? false,
    enclaves: found.NitroEnclavesSupport === 'supported',
    burstable: found.BurstablePerformanceSupported ?? false,
    defaultCpu: defaultCpuOf(found),
    instanceStore: found.InstanceStorageSupported ?? false,
    nvmeInstanceStore: (found.InstanceStorageInfo?.NvmeSupport ?? 'unsupported') !== 'unsupported',
  };
}

function defaultCpuOf({ VCpuInfo: cpu }: aws.InstanceTypeInfo): InstanceType['defaultCpu'] {
  if (cpu?.DefaultCores === undefined || cpu.DefaultThreadsPerCore === undefined) return null;
  return { coreCount: cpu.DefaultCores, threadsPerCore: cpu.DefaultThreadsPerCore };
}

/** By filter: a type that does not exist would fail a call that names it. */
function listVcpus(read: Ec2Calls['read'], names: string[]) {
  return readAllPages(
    (NextToken) =>
      read('DescribeInstanceTypes', (ec2, sdk) =>
        ec2.send(
          new sdk.DescribeInstanceTypesCommand({
            Filters: [{ Name: 'instance-type', Values: names }],
            MaxResults: TYPES_PAGE_SIZE,
            NextToken,
          }),
        ),
      ),
    (page) =>
      (page.InstanceTypes ?? []).map(
        ({ InstanceType = '', VCpuInfo }) => [InstanceType, VCpuInfo?.DefaultVCpus ?? 0] as const,
      ),
  );
}

function listSecurityGroups(read: Ec2Calls['read']) {
  return readAllPages(
    (NextToken) =>
      read('DescribeSecurityGroups', (ec2, sdk) =>
        ec2.send(new sdk.DescribeSecurityGroupsCommand({ MaxResults: PAGE_SIZE, NextToken })),
      ),
    (page) =>
      (page.SecurityGroups ?? []).map((group) => ({
        groupId: group.GroupId ?? '',
        name: group.GroupName ?? '',
        description: group.Description ?? '',
        vpcId: orNull(group.VpcId),
        tags: tagsOf(group.Tags),
      })),
  );
}

function listSubnets(read: Ec2Calls['read']) {
  return readAllPages(
    (NextToken) =>
      read('DescribeSubnets', (ec2, sdk) =>
        ec2.send(new sdk.DescribeSubnetsCommand({ MaxResults: PAGE_SIZE, NextToken })),
      ),
    (page) =>
      (page.Subnets ?? []).map((subnet) => ({
        subnetId: subnet.SubnetId ?? '',
        vpcId: subnet.VpcId ?? '',
        zone: subnet.AvailabilityZone ?? '',
        cidr: subnet.CidrBlock ?? '',
        freeAddresses: subnet.AvailableIpAddressCount ?? 0,
        defaultForZone: subnet.DefaultForAz ?? false,
        assignsPublicIp: subnet.MapPublicIpOnLaunch ?? false,
        tags: tagsOf(subnet.Tags),
      })),
  );
}
