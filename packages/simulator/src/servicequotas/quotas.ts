import { demand } from '../iam/demand.ts';
import { defaultSettings, type Limits } from '../settings.ts';
import type { VolumeType } from '../state/records.ts';
import { drawRequestOf } from '../wire/buckets.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

type Quota = {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly adjustable: boolean;
  readonly value: (limits: Limits) => number;
};

const services: ReadonlyMap<string, string> = new Map([
  ['ec2', 'Amazon Elastic Compute Cloud (Amazon EC2)'],
  ['ebs', 'Amazon Elastic Block Store (Amazon EBS)'],
  ['rds', 'Amazon Relational Database Service (Amazon RDS)'],
]);

const storageCodes: Readonly<Record<VolumeType, readonly [code: string, words: string]>> = {
  gp2: ['L-D18FCD1D', 'General Purpose SSD (gp2)'],
  gp3: ['L-7A658B76', 'General Purpose SSD (gp3)'],
  io1: ['L-FD252861', 'Provisioned IOPS SSD (io1)'],
  io2: ['L-09BD8365', 'Provisioned IOPS SSD (io2)'],
  sc1: ['L-17AF77E8', 'Cold HDD (sc1)'],
  st1: ['L-82ACEF56', 'Throughput Optimized HDD (st1)'],
  standard: ['L-9CF3C2EB', 'Magnetic (standard)'],
};

// The codes and names are those of AWS (Service Quotas console); the values are those that the simulator keeps to.
const quotas: readonly Quota[] = [
  {
    service: 'ec2',
    code: 'L-1216C47A',
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    adjustable: true,
    value: ({ vcpusPerRegion }) => vcpusPerRegion,
  },
  ...Object.values(storageCodes).map(([code, words]): Quota => ({
    service: 'ebs',
    code,
    name: `Storage for ${words} volumes, in TiB`,
    adjustable: true,
    value: ({ storageTiBPerType }) => storageTiBPerType,
  })),
  {
    service: 'ebs',
    code: 'L-309BACF6',
    name: 'Snapshots per Region',
    adjustable: true,
    value: ({ snapshotsPerRegion }) => snapshotsPerRegion,
  },
  { service: 'rds', code: 'L-7B6409FD', name: 'DB instances', adjustable: true, value: ({ databases }) => databases },
  {
    service: 'rds',
    code: 'L-952B80B8',
    name: 'DB clusters',
    adjustable: true,
    value: ({ databaseClusters }) => databaseClusters,
  },
];

const show = (call: Call, quota: Quota, value: number): Reply => ({
  ServiceCode: quota.service,
  ServiceName: services.get(quota.service) ?? '',
  QuotaArn: `arn:aws:servicequotas:${call.region.name}:${call.accountId}:${quota.service}/${quota.code}`,
  QuotaCode: quota.code,
  QuotaName: quota.name,
  Value: value,
  Unit: 'None',
  Adjustable: quota.adjustable,
  GlobalQuota: false,
});

const required = (call: Call, name: string): string => {
  const text = call.params.text(name) ?? '';
  if (text === '') throw awsError('IllegalArgumentException', `${name} must not be empty.`);
  return text;
};

const serviceOf = (call: Call): string => {
  const code = required(call, 'ServiceCode');
  if (!services.has(code)) throw awsError('NoSuchResourceException', `The service ${code} does not exist.`);
  return code;
};

const quotaOf = (call: Call): Quota => {
  const service = serviceOf(call);
  const code = required(call, 'QuotaCode');
  const found = quotas.find((quota) => quota.service === service && quota.code === code);
  if (found === undefined)
    throw awsError('NoSuchResourceException', `The request failed because the quota ${code} does not exist.`);
  return found;
};

const list = (call: Call, limits: Limits): Reply => {
  const service = serviceOf(call);
  const size = call.params.integer('MaxResults') ?? 100;
  if (size < 1 || size > 100) throw awsError('IllegalArgumentException', 'MaxResults must be between 1 and 100.');
  const token = call.params.text('NextToken');
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw awsError('InvalidPaginationTokenException', 'Invalid token');
  const own = quotas.filter((quota) => quota.service === service);
  const end = start + size;
  return {
    Quotas: own.slice(start, end).map((quota) => show(call, quota, quota.value(limits))),
    NextToken: end < own.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
};

const one = (call: Call, limits: Limits): Reply => {
  const quota = quotaOf(call);
  return { Quota: show(call, quota, quota.value(limits)) };
};

const operations: Readonly<Record<string, (call: Call) => Reply>> = {
  GetServiceQuota: (call) => one(call, call.world.settings.limits),
  GetAWSDefaultServiceQuota: (call) => one(call, defaultSettings.limits),
  ListServiceQuotas: (call) => list(call, call.world.settings.limits),
  ListAWSDefaultServiceQuotas: (call) => list(call, defaultSettings.limits),
};

/** Whether Service Quotas has the action; tells the service of an unsigned request. */
export const isServiceQuotasAction = (action: string): boolean => Object.hasOwn(operations, action);

const buckets = { read: { capacity: 10, refillPerSecond: 10 }, change: { capacity: 5, refillPerSecond: 1 } };

/** Tells what the account may have, as far as the simulator keeps to it. */
export const runServiceQuotas = (call: Call): Reply => {
  const operation = isServiceQuotasAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined) throw awsError('UnknownOperationException', `Unknown operation ${call.action}`);
  drawRequestOf(call, buckets);
  const service = call.params.text('ServiceCode') ?? '*';
  const code = call.params.text('QuotaCode');
  const arn = `arn:aws:servicequotas:${call.region.name}:${call.accountId}:${service}/${code ?? '*'}`;
  // Only those that name one quota know it as a resource (Service Authorization Reference, Service Quotas).
  demand(call, { resource: code === undefined ? '*' : arn });
  return operation(call);
};
