import { createHash } from 'node:crypto';
import type { KmsKey, Snapshot } from '../state/records.ts';
import type { Region } from '../state/world.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

const uuidFrom = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** The key `aws/ebs` of an account in a region, made on first use as AWS does. */
export const defaultEbsKey = (region: Region, accountId: string): KmsKey => {
  const id = uuidFrom(`${region.name}/${accountId}/aws/ebs`);
  const known = region.kmsKeys.get(id);
  if (known !== undefined) return known;
  const key: KmsKey = {
    id,
    arn: `arn:aws:kms:${region.name}:${accountId}:key/${id}`,
    ownerId: accountId,
    aliases: ['alias/aws/ebs'],
    state: 'Enabled',
    allowedAccounts: new Set(),
    awsManaged: true,
  };
  region.kmsKeys.set(id, key);
  return key;
};

const defaultKeyOf = (call: Call): KmsKey => {
  const set = call.region.defaultEbsKeys.get(call.accountId);
  return (set === undefined ? undefined : keyByArn(call.region, set)) ?? defaultEbsKey(call.region, call.accountId);
};

export const keyByArn = (region: Region, arn: string): KmsKey | undefined =>
  region.kmsKeys.get(arn.split('/').at(-1) ?? '');

/** Whether something is encrypted with a key that AWS itself manages, which no other account can be let use. */
export const isUnderDefaultKey = (call: Call, arn: string | undefined): boolean =>
  arn !== undefined && keyByArn(call.region, arn)?.awsManaged === true;

/** The key that an id, alias or ARN names for this caller in this region; undefined when there is none. */
export const resolveKey = (call: Call, named: string): KmsKey | undefined => {
  const alias = named.startsWith('alias/') ? named : /:(alias\/.+)$/.exec(named)?.[1];
  if (alias === 'alias/aws/ebs') return defaultEbsKey(call.region, call.accountId);
  if (alias !== undefined) {
    const owner = /^arn:aws:kms:[^:]*:(\d{12}):/.exec(named)?.[1] ?? call.accountId;
    return [...call.region.kmsKeys.values()].find((key) => key.ownerId === owner && key.aliases.includes(alias));
  }
  return keyByArn(call.region, named);
};

export const mayUseKey = (key: KmsKey, accountId: string): boolean =>
  key.state === 'Enabled' && (key.ownerId === accountId || key.allowedAccounts.has(accountId));

/** The key of an own snapshot, under which volumes of it are encrypted unless another is named. */
export const ownKeyOf = (call: Call, snapshot: Snapshot | undefined): string | undefined =>
  snapshot?.ownerId === call.accountId ? snapshot.kmsKeyArn : undefined;

/** Whether the key of an encrypted snapshot is closed to the caller. */
export const isSealed = (call: Call, region: Region, snapshot: Snapshot | undefined): boolean => {
  if (snapshot?.encrypted !== true) return false;
  const key = snapshot.kmsKeyArn === undefined ? undefined : keyByArn(region, snapshot.kmsKeyArn);
  return key === undefined || !mayUseKey(key, call.accountId);
};

export type ChosenEncryption = {
  readonly encrypted: boolean;
  readonly kmsKeyArn: string | undefined;
  /** AWS finds out only after the call that a key cannot be used. */
  readonly keyRefused: boolean;
};

/** What a new volume or copy is encrypted with. Throws when a key is named without encryption being asked for. */
export const chooseEncryption = (
  call: Call,
  wish: {
    readonly encrypted: boolean | undefined;
    readonly kmsKeyId: string | undefined;
    readonly sourceKeyArn?: string | undefined;
  },
  sourceEncrypted: boolean,
): ChosenEncryption => {
  const { kmsKeyId } = wish;
  const asked = wish.encrypted === true || (sourceEncrypted && wish.sourceKeyArn !== undefined);
  if (kmsKeyId !== undefined && kmsKeyId !== '' && !asked) {
    throw awsError('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
  }
  if (!asked && !sourceEncrypted && !call.region.encryptedByDefault.has(call.accountId)) {
    return { encrypted: false, kmsKeyArn: undefined, keyRefused: false };
  }
  if (kmsKeyId === undefined || kmsKeyId === '') {
    const key = wish.sourceKeyArn === undefined ? defaultKeyOf(call) : keyByArn(call.region, wish.sourceKeyArn);
    return { encrypted: true, kmsKeyArn: key?.arn, keyRefused: key === undefined || !mayUseKey(key, call.accountId) };
  }
  const key = resolveKey(call, kmsKeyId);
  const arn = key?.arn ?? `arn:aws:kms:${call.region.name}:${call.accountId}:key/${kmsKeyId.split('/').at(-1) ?? ''}`;
  return { encrypted: true, kmsKeyArn: arn, keyRefused: key === undefined || !mayUseKey(key, call.accountId) };
};
