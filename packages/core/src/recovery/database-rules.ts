import type { FieldError } from '../errors.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';
import type { Chosen, DatabaseOffer, OfferedSubnetGroup } from './database-recovery.ts';

const LONGEST_NAME = 63;

/** What forbids a name for something new (RDS and Redshift API References): its letters, its length, or that it is taken. */
export function nameErrors(path: string, name: string, taken: readonly string[]): FieldError[] {
  const refuse = (message: string) => [{ path, message }];
  if (name.length > LONGEST_NAME) return refuse(`${name} is longer than ${LONGEST_NAME} characters`);
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(name))
    return refuse(
      'must begin with a letter and hold letters, digits and hyphens only, none at its end and no two together',
    );
  const isTaken = taken.some((each) => each.toLowerCase() === name.toLowerCase());
  return isTaken ? refuse(`${name} exists already in this region; choose another name`) : [];
}

type PortRange = { readonly least: number; readonly most: number };

const ANY_PORT: readonly PortRange[] = [{ least: 1150, most: 65_535 }];
const RA3_PORTS: readonly PortRange[] = [
  { least: 5431, most: 5455 },
  { least: 8191, most: 8215 },
];

/** The ports that RDS takes, or Redshift for a node type (Redshift API Reference, RestoreFromClusterSnapshot). */
export function portErrors(port: number | null, nodeType = ''): FieldError[] {
  const ranges = /^(?:ra3|rg)\./.test(nodeType) ? RA3_PORTS : ANY_PORT;
  if (port === null || (Number.isInteger(port) && ranges.some(({ least, most }) => port >= least && port <= most)))
    return [];
  const allowed = ranges.map(({ least, most }) => `${least} to ${most}`).join(' or ');
  return [{ path: 'port', message: `must be a whole number from ${allowed}` }];
}

type NetworkChoice = {
  readonly subnetGroup?: string | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
};
type Network = {
  readonly subnetGroup: string | null;
  readonly securityGroupIds: readonly string[];
  /** The group as the region has it; null where it is not known. */
  readonly group: OfferedSubnetGroup | null;
};

/** Subnet group and security groups, which have to be of one VPC. */
export function chooseNetwork(
  choice: NetworkChoice,
  configuration: DatabaseConfiguration,
  { subnetGroups, securityGroups }: DatabaseOffer,
): Chosen<Network> {
  const recorded = choice.subnetGroup ?? configuration.subnetGroup;
  const group = subnetGroups?.find(({ name }) => name.toLowerCase() === recorded?.toLowerCase()) ?? null;
  // AWS makes its default group where a database without one is made: until then there is none, and none is named.
  const isDefault = choice.subnetGroup === undefined && recorded === 'default';
  const subnetGroup = isDefault && subnetGroups !== null && group === null ? null : recorded;
  const errors: FieldError[] = [];
  const isUnknown = subnetGroup !== null && subnetGroups !== null && group === null;
  if (isUnknown)
    errors.push({ path: 'subnetGroup', message: `there is no subnet group ${subnetGroup} in this region` });
  const securityGroupIds = choice.securityGroupIds ?? configuration.securityGroupIds;
  for (const [index, id] of securityGroupIds.entries()) {
    const path = choice.securityGroupIds === undefined ? 'securityGroupIds' : `securityGroupIds.${index}`;
    const found = securityGroups?.find(({ groupId }) => groupId === id);
    if (securityGroups !== null && found === undefined)
      errors.push({ path, message: `there is no security group ${id} in this region` });
    else if (found !== undefined && group !== null && found.vpcId !== group.vpcId)
      errors.push({
        path,
        message: `${id} belongs to ${found.vpcId}; the subnet group ${group.name} is in ${group.vpcId}`,
      });
  }
  return { value: { subnetGroup, securityGroupIds, group }, errors };
}

type ZoneWish = {
  readonly zone: string | null | undefined;
  readonly isMultiAz: boolean;
  readonly recorded: string | null;
  readonly group: OfferedSubnetGroup | null;
};

/** The zone: that of the original where the subnet group still covers it, and none with Multi-AZ, which AWS refuses. */
export function chooseZone({ zone, isMultiAz, recorded, group }: ZoneWish): Chosen<string | null> {
  if (isMultiAz) {
    const isAsked = zone !== undefined && zone !== null;
    const message = 'cannot be chosen with Multi-AZ: AWS chooses the zones';
    return { value: null, errors: isAsked ? [{ path: 'zone', message }] : [] };
  }
  const isCovered = (name: string) => group === null || group.zones.includes(name);
  if (zone === undefined) return { value: recorded !== null && isCovered(recorded) ? recorded : null, errors: [] };
  if (zone === null || isCovered(zone)) return { value: zone, errors: [] };
  const zones = group?.zones.join(', ') ?? '';
  return {
    value: zone,
    errors: [{ path: 'zone', message: `${zone} is not covered by the subnet group ${group?.name}: it has ${zones}` }],
  };
}

/** The engine's major version, as families and option groups name it, such as `16` or `8.0`. */
function majorOf(engine: string, version: string): string {
  const parts = version.split('.');
  const isOnePart = /postgres/.test(engine) ? Number(parts[0]) >= 10 : engine.startsWith('oracle');
  return parts.slice(0, isOnePart ? 1 : 2).join('.');
}

/** The parameter group family of an engine version, such as `postgres16`, `aurora-mysql8.0`, `oracle-se2-19`. */
export function familyOf(engine: string, version: string): string {
  const major = majorOf(engine, version);
  // SQL Server 15.00 is of the family 15.0.
  if (engine.startsWith('sqlserver')) return `${engine}-${major.replace(/\.0+$/, '.0')}`;
  return engine.startsWith('oracle') ? `${engine}-${major}` : `${engine}${major}`;
}

type Engine = { readonly engine: string; readonly engineVersion: string | null };

/** AWS makes default groups when they are first named, so they are not always listed. */
const isDefault = (name: string): boolean => name.startsWith('default');

export function parameterGroupErrors(
  name: string | null,
  { engine, engineVersion }: Engine,
  { parameterGroups }: DatabaseOffer,
): FieldError[] {
  const path = 'parameterGroup';
  if (name === null || parameterGroups === null) return [];
  const group = parameterGroups.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (group === undefined)
    return isDefault(name) ? [] : [{ path, message: `there is no parameter group ${name} in this region` }];
  if (engine === 'redshift' || engineVersion === null) return [];
  const family = familyOf(engine, engineVersion);
  return group.family === family
    ? []
    : [{ path, message: `${name} is of the family ${group.family}; ${engine} ${engineVersion} needs ${family}` }];
}

export function optionGroupErrors(
  name: string | null,
  { engine, engineVersion }: Engine,
  { optionGroups }: Pick<DatabaseOffer, 'optionGroups'>,
): FieldError[] {
  const path = 'optionGroup';
  if (name === null || optionGroups === null) return [];
  const group = optionGroups.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (group === undefined)
    return isDefault(name) ? [] : [{ path, message: `there is no option group ${name} in this region` }];
  const major = engineVersion === null ? group.majorVersion : majorOf(engine, engineVersion);
  const isOfVersion = group.majorVersion === major || Number(group.majorVersion) === Number(major);
  return group.engine === engine && isOfVersion
    ? []
    : [{ path, message: `${name} is for ${group.engine} ${group.majorVersion}; the database is ${engine} ${major}` }];
}
