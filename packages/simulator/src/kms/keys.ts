import { resolveKey } from '../ec2/encryption.ts';
import { demand } from '../iam/demand.ts';
import type { KmsKey } from '../state/records.ts';
import { drawRequestOf } from '../wire/buckets.ts';
import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

const dayMs = 86_400_000;

const isGone = (key: KmsKey, at: number): boolean => key.deletionAt !== undefined && key.deletionAt <= at;

/** The key an id, alias or ARN names; another account's only by ARN and where its policy lets the caller use it. */
const findKey = (call: Call): KmsKey => {
  const named = call.params.text('KeyId') ?? '';
  if (named === '') throw awsError('ValidationException', "1 validation error detected: Value at 'keyId' is required");
  const key = resolveKey(call, named);
  const isSeen = key !== undefined && (key.ownerId === call.accountId || key.allowedAccounts.has(call.accountId));
  if (!isSeen || isGone(key, call.now)) {
    const what = named.includes('alias/') ? `Alias ${named} is not found.` : `Key '${named}' does not exist`;
    throw awsError('NotFoundException', what);
  }
  return key;
};

const permit = (call: Call, key: KmsKey): void => demand(call, { resource: key.arn });

const show = (key: KmsKey): Reply => ({
  AWSAccountId: key.ownerId,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: new Date(key.createdAt ?? 0),
  Enabled: key.state === 'Enabled',
  Description: key.description ?? '',
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: key.state,
  DeletionDate: key.deletionAt === undefined ? undefined : new Date(key.deletionAt),
  Origin: 'AWS_KMS',
  KeyManager: key.awsManaged ? 'AWS' : 'CUSTOMER',
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: false,
});

const describeKey = (call: Call): Reply => {
  const key = findKey(call);
  permit(call, key);
  return { KeyMetadata: show(key) };
};

const pageOf = <T>(call: Call, name: string, members: readonly T[]): { shown: readonly T[]; rest: Reply } => {
  const size = call.params.integer('Limit') ?? 100;
  if (size < 1 || size > 1000) throw awsError('ValidationException', `${name}: Limit must be between 1 and 1000`);
  const marker = call.params.text('Marker');
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw awsError('InvalidMarkerException', 'Invalid marker');
  const more = start + size < members.length;
  const NextMarker = more ? Buffer.from(String(start + size)).toString('base64url') : undefined;
  return { shown: members.slice(start, start + size), rest: { NextMarker, Truncated: more } };
};

const ownKeys = (call: Call): KmsKey[] =>
  [...call.region.kmsKeys.values()].filter((key) => key.ownerId === call.accountId && !isGone(key, call.now));

const listKeys = (call: Call): Reply => {
  demand(call, { resource: '*' });
  const { shown, rest } = pageOf(call, 'ListKeys', ownKeys(call));
  return { Keys: shown.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...rest };
};

const listAliases = (call: Call): Reply => {
  demand(call, { resource: '*' });
  const keys = call.params.has('KeyId') ? [findKey(call)] : ownKeys(call);
  const aliases = keys.flatMap((key) =>
    key.aliases.map((AliasName) => ({
      AliasName,
      AliasArn: key.arn.replace(/:key\/.*$/, `:${AliasName}`),
      TargetKeyId: key.id,
    })),
  );
  const { shown, rest } = pageOf(call, 'ListAliases', aliases);
  return { Aliases: [...shown], ...rest };
};

const createKey = (call: Call): Reply => {
  demand(call, { resource: '*' });
  const id = call.world.ids.uuid();
  const key: KmsKey = {
    id,
    arn: `arn:aws:kms:${call.region.name}:${call.accountId}:key/${id}`,
    ownerId: call.accountId,
    aliases: [],
    state: 'Enabled',
    allowedAccounts: new Set(),
    awsManaged: false,
    description: call.params.text('Description') ?? '',
    createdAt: call.now,
  };
  call.region.kmsKeys.set(id, key);
  return { KeyMetadata: show(key) };
};

/** The key of a change: the caller's own customer key. Throws NotFoundException, AccessDeniedException, KMSInvalidStateException. */
const keyToChange = (call: Call, allowed: readonly KmsKey['state'][]): KmsKey => {
  const key = findKey(call);
  permit(call, key);
  if (key.awsManaged || key.ownerId !== call.accountId)
    throw awsError('AccessDeniedException', `The key ${key.arn} cannot be changed by this account.`, 400);
  if (!allowed.includes(key.state))
    throw awsError(
      'KMSInvalidStateException',
      `${key.arn} is ${key.state === 'PendingDeletion' ? 'pending deletion' : key.state}.`,
    );
  return key;
};

const setState =
  (state: 'Enabled' | 'Disabled') =>
  (call: Call): undefined => {
    keyToChange(call, ['Enabled', 'Disabled']).state = state;
  };

const scheduleDeletion = (call: Call): Reply => {
  const days = call.params.integer('PendingWindowInDays') ?? 30;
  if (days < 7 || days > 30) throw awsError('ValidationException', 'PendingWindowInDays must be between 7 and 30');
  const key = keyToChange(call, ['Enabled', 'Disabled']);
  key.state = 'PendingDeletion';
  key.deletionAt = call.now + days * dayMs;
  return { KeyId: key.arn, DeletionDate: new Date(key.deletionAt), KeyState: key.state, PendingWindowInDays: days };
};

const cancelDeletion = (call: Call): Reply => {
  const key = keyToChange(call, ['PendingDeletion']);
  key.state = 'Disabled';
  key.deletionAt = undefined;
  return { KeyId: key.arn };
};

const operations: Readonly<Record<string, (call: Call) => Reply | undefined>> = {
  DescribeKey: describeKey,
  ListKeys: listKeys,
  ListAliases: listAliases,
  CreateKey: createKey,
  EnableKey: setState('Enabled'),
  DisableKey: setState('Disabled'),
  ScheduleKeyDeletion: scheduleDeletion,
  CancelKeyDeletion: cancelDeletion,
};

/** Whether KMS has the action; tells the service of an unsigned request. */
export const isKmsAction = (action: string): boolean => Object.hasOwn(operations, action);

// AWS KMS Developer Guide, "Request quotas": so many a second, shared by nothing else here.
const buckets = { read: { capacity: 500, refillPerSecond: 500 }, change: { capacity: 15, refillPerSecond: 15 } };

/** Carries out a KMS action on the keys that EBS, RDS and Redshift encrypt with. */
export const runKms = (call: Call): Reply | undefined => {
  const operation = isKmsAction(call.action) ? operations[call.action] : undefined;
  if (operation === undefined) throw awsError('UnknownOperationException', `Unknown operation ${call.action}`);
  drawRequestOf(call, buckets);
  return operation(call);
};
