import type { Region } from '../state/world.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { applyFilters } from './filters.ts';
import type { Operations } from './operation.ts';

const optInStatus = (call: Call, region: Region): string => {
  if (!region.optIn) return 'opt-in-not-required';
  return call.caller.account.optedIn.has(region.name) ? 'opted-in' : 'not-opted-in';
};

const describeRegions = (call: Call): Reply => {
  const names = call.params.texts('RegionName');
  for (const name of names) {
    if (!call.world.regions.has(name)) throw awsError('InvalidParameterValue', `Invalid region provided: ${name}`);
  }
  const all = call.params.flag('AllRegions') === true || names.length > 0;
  const listed = [...call.world.regions.values()].filter(
    (region) =>
      (names.length === 0 || names.includes(region.name)) && (all || optInStatus(call, region) !== 'not-opted-in'),
  );
  const shown = applyFilters(call, listed, {
    endpoint: (region) => `ec2.${region.name}.amazonaws.com`,
    'opt-in-status': (region) => optInStatus(call, region),
    'region-name': (region) => region.name,
  });
  return {
    regionInfo: shown.map((region) => ({
      regionName: region.name,
      regionEndpoint: `ec2.${region.name}.amazonaws.com`,
      optInStatus: optInStatus(call, region),
    })),
  };
};

const describeZones = (call: Call): Reply => {
  const names = call.params.texts('ZoneName');
  const ids = call.params.texts('ZoneId');
  const { zones } = call.region;
  const unknown =
    names.find((name) => !zones.some((zone) => zone.name === name)) ??
    ids.find((id) => !zones.some((zone) => zone.id === id));
  if (unknown !== undefined) throw awsError('InvalidParameterValue', `Invalid availability zone: [${unknown}]`);
  const listed = zones.filter(
    (zone) => (names.length === 0 || names.includes(zone.name)) && (ids.length === 0 || ids.includes(zone.id)),
  );
  const group = `${call.region.name}-zg-1`;
  const shown = applyFilters(call, listed, {
    'group-long-name': () => undefined,
    'group-name': () => group,
    message: () => undefined,
    'opt-in-status': () => 'opt-in-not-required',
    'parent-zone-id': () => undefined,
    'parent-zone-name': () => undefined,
    'region-name': () => call.region.name,
    state: () => 'available',
    'zone-id': (zone) => zone.id,
    'zone-name': (zone) => zone.name,
    'zone-type': () => 'availability-zone',
  });
  return {
    availabilityZoneInfo: shown.map((zone) => ({
      optInStatus: 'opt-in-not-required',
      messageSet: [],
      regionName: call.region.name,
      zoneName: zone.name,
      zoneId: zone.id,
      groupName: group,
      networkBorderGroup: call.region.name,
      zoneType: 'availability-zone',
      zoneState: 'available',
    })),
  };
};

const describeAccountAttributes = (call: Call): Reply => {
  const defaultVpc = [...call.region.vpcs.values()].find((vpc) => vpc.ownerId === call.accountId && vpc.isDefault);
  const attributes: Readonly<Record<string, readonly string[]>> = {
    'supported-platforms': ['VPC'],
    'default-vpc': [defaultVpc?.id ?? 'none'],
    'max-instances': ['20'],
    'vpc-max-security-groups-per-interface': ['5'],
    'max-elastic-ips': ['5'],
    'vpc-max-elastic-ips': ['5'],
  };
  const names = call.params.texts('AttributeName');
  const unknown = names.find((name) => !Object.hasOwn(attributes, name));
  if (unknown !== undefined) throw awsError('InvalidParameterValue', `The attribute '${unknown}' is invalid.`);
  const shown = Object.entries(attributes).filter(([name]) => names.length === 0 || names.includes(name));
  return {
    accountAttributeSet: shown.map(([attributeName, values]) => ({
      attributeName,
      attributeValueSet: values.map((attributeValue) => ({ attributeValue })),
    })),
  };
};

/** Where things can be: regions, their availability zones, and what an account has in one. */
export const regionOperations: Operations = {
  DescribeRegions: { run: describeRegions },
  DescribeAvailabilityZones: { run: describeZones },
  DescribeAccountAttributes: { run: describeAccountAttributes },
};
