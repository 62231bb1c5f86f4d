import type {
  BackedUpResource,
  DatabaseClusterRecoveryInput,
  DatabaseRecoveryInput,
  RedshiftClusterRecoveryInput,
} from '@cpm/contract';
import { isDatabaseIdentifier, isEc2Id, type FieldError } from '@cpm/core';
import {
  ACCOUNTS_CREDENTIALS,
  credentialsInput,
  credentialsProblems,
  type CredentialsValues,
} from './credentials-values.ts';
import { numberInput, readId, textInput, yesNoInput, type YesNo } from './form-parts.ts';
import type { Place } from './place-search.ts';

type MemberValues = { readonly databaseId: string; readonly instanceClass: string };

/** The form of a database, a database cluster or a Redshift cluster; what is empty is as backed up. */
export type DatabaseValues = {
  /** Of the new database or cluster. */
  readonly newId: string;
  /** Of a database its class, of a Redshift cluster the type of its nodes. */
  readonly instanceClass: string;
  readonly nodeCount: number | string;
  readonly zone: string;
  readonly isAnyZone: boolean;
  readonly isMultiAz: YesNo;
  readonly port: number | string;
  readonly subnetGroup: string;
  readonly securityGroupIds: string[];
  readonly parameterGroup: string;
  readonly optionGroup: string;
  readonly isPubliclyAccessible: YesNo;
  readonly hasDeletionProtection: YesNo;
  readonly storageType: string;
  readonly sizeGiB: number | string;
  readonly iops: number | string;
  readonly throughputMiBps: number | string;
  readonly preserveTags: boolean;
  /** Of a database cluster; the first becomes the writer. */
  readonly members: MemberValues[];
  readonly credentials: CredentialsValues;
};

/** Everything as it was backed up. */
export function initialDatabase(resource: BackedUpResource): DatabaseValues {
  return {
    newId: '',
    instanceClass: '',
    nodeCount: '',
    zone: '',
    isAnyZone: false,
    isMultiAz: '',
    port: '',
    subnetGroup: '',
    securityGroupIds: [],
    parameterGroup: '',
    optionGroup: '',
    isPubliclyAccessible: '',
    hasDeletionProtection: '',
    storageType: '',
    sizeGiB: '',
    iops: '',
    throughputMiBps: '',
    preserveTags: true,
    members: recordedMembers(resource),
    credentials: ACCOUNTS_CREDENTIALS,
  };
}

/** The members that the cluster had, its writer first. */
function recordedMembers({ database }: BackedUpResource): MemberValues[] {
  return (database?.members ?? [])
    .toSorted((left, right) => Number(right.isWriter) - Number(left.isWriter))
    .map(({ identifier, instanceClass }) => ({ databaseId: identifier, instanceClass }));
}

type About = { readonly resource: BackedUpResource; readonly place: Place | null };

/** The request for an RDS database; what is left out is as backed up. */
export function databaseInput(values: DatabaseValues, about: About): DatabaseRecoveryInput {
  return {
    ...commonInput(values, about),
    ...textInput('databaseId', values.newId),
    ...textInput('instanceClass', values.instanceClass),
    ...zoneInput(values),
    ...yesNoInput('isMultiAz', values.isMultiAz),
    ...textInput('optionGroup', values.optionGroup),
    ...textInput('storageType', values.storageType),
    ...numberInput('sizeGiB', values.sizeGiB),
    ...numberInput('iops', values.iops),
    ...numberInput('throughputMiBps', values.throughputMiBps),
    ...yesNoInput('hasDeletionProtection', values.hasDeletionProtection),
  };
}

/** The request for a database cluster; its members are named where they are not those it had. */
export function databaseClusterInput(values: DatabaseValues, about: About): DatabaseClusterRecoveryInput {
  const members = values.members.map(({ databaseId, instanceClass }) => ({
    databaseId: databaseId.trim(),
    ...textInput('instanceClass', instanceClass),
  }));
  const isChanged = JSON.stringify(values.members) !== JSON.stringify(recordedMembers(about.resource));
  return {
    ...commonInput(values, about),
    ...textInput('clusterId', values.newId),
    ...(isChanged ? { members } : {}),
    ...yesNoInput('hasDeletionProtection', values.hasDeletionProtection),
  };
}

/** The request for a Redshift cluster. */
export function redshiftClusterInput(values: DatabaseValues, about: About): RedshiftClusterRecoveryInput {
  return {
    ...commonInput(values, about),
    ...textInput('clusterId', values.newId),
    ...zoneInput(values),
    ...textInput('nodeType', values.instanceClass),
    ...numberInput('nodeCount', values.nodeCount),
  };
}

function commonInput(values: DatabaseValues, { resource, place }: About) {
  return {
    resourceId: resource.id,
    ...(place === null ? {} : { place }),
    ...numberInput('port', values.port),
    ...textInput('subnetGroup', values.subnetGroup),
    ...(values.securityGroupIds.length === 0 ? {} : { securityGroupIds: values.securityGroupIds.map(readId) }),
    ...textInput('parameterGroup', values.parameterGroup),
    ...yesNoInput('isPubliclyAccessible', values.isPubliclyAccessible),
    ...(values.preserveTags ? {} : { preserveTags: false }),
    ...credentialsInput(values.credentials),
  };
}

/** With Multi-AZ it is AWS that chooses the zones. */
function zoneInput({ zone, isAnyZone, isMultiAz }: DatabaseValues) {
  return isAnyZone || isMultiAz === 'yes' ? { zone: null } : textInput('zone', zone);
}

/** All that can be seen to be wrong without asking AWS anew; the rest is found by the check. */
export function databaseProblems(values: DatabaseValues, takenIds: readonly string[]): FieldError[] {
  const { newId, port, securityGroupIds, members } = values;
  const idProblem = (path: string, text: string) =>
    isDatabaseIdentifier(text.trim().toLowerCase())
      ? []
      : [{ path, message: 'must begin with a letter and hold letters, digits and single hyphens only, 63 at most' }];
  const malformed = securityGroupIds.map(readId).find((id) => !isEc2Id('sg', id));
  return [
    ...(newId.trim() === '' ? [] : idProblem('newId', newId)),
    ...(takenIds.includes(newId.trim().toLowerCase()) ? [{ path: 'newId', message: 'is taken in this region' }] : []),
    ...(port === '' || (Number.isInteger(Number(port)) && Number(port) >= 1 && Number(port) <= 65_535)
      ? []
      : [{ path: 'port', message: 'must be a port from 1 to 65535' }]),
    ...(malformed === undefined
      ? []
      : [{ path: 'securityGroupIds', message: `"${malformed}" is no security group id` }]),
    ...members.flatMap(({ databaseId }, index) => idProblem(`members.${index}.databaseId`, databaseId)),
    ...credentialsProblems(values.credentials),
  ];
}

/** What the server calls a field, as the form does. */
export function databaseFormPath(path: string): string {
  if (path === 'databaseId' || path === 'clusterId') return 'newId';
  if (path === 'nodeType') return 'instanceClass';
  return path.replace(/^(securityGroupIds)\.\d+$/, '$1');
}

const FIELD_NAMES: Record<string, string> = {
  '': 'Recovery',
  newId: 'New identifier',
  instanceClass: 'Class',
  nodeCount: 'Nodes',
  zone: 'Zone',
  isMultiAz: 'Multi-AZ',
  port: 'Port',
  subnetGroup: 'Subnet group',
  securityGroupIds: 'Security groups',
  parameterGroup: 'Parameter group',
  optionGroup: 'Option group',
  isPubliclyAccessible: 'Publicly accessible',
  hasDeletionProtection: 'Deletion protection',
  storageType: 'Storage type',
  sizeGiB: 'Size',
  iops: 'IOPS',
  throughputMiBps: 'Throughput',
  members: 'Members',
  resourceId: 'Backed-up database',
  'credentials.accessKeyId': 'Access key id',
  'credentials.secretAccessKey': 'Secret access key',
};

/** What a field is called on the screen. */
export function nameOfDatabaseField(path: string): string {
  const [, index, field] = /^members\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (index === undefined) return FIELD_NAMES[path] ?? path;
  return `Member ${Number(index) + 1}, ${field === 'databaseId' ? 'identifier' : 'class'}`;
}
