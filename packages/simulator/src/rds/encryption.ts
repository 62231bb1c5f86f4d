import { createHash } from 'node:crypto';
import { keyByArn, mayUseKey, resolveKey } from '../ec2/encryption.ts';
import type { Encryption, KmsKey } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

const uuidFrom = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** The key that AWS keeps for a service in an account and region, such as `aws/rds`, made on first use. */
export const serviceKey = (call: Call, service: 'rds' | 'redshift'): KmsKey => {
  const { region, accountId } = call;
  const id = uuidFrom(`${region.name}/${accountId}/aws/${service}`);
  const key: KmsKey = region.kmsKeys.get(id) ?? {
    id,
    arn: `arn:aws:kms:${region.name}:${accountId}:key/${id}`,
    ownerId: accountId,
    aliases: [`alias/aws/${service}`],
    state: 'Enabled',
    allowedAccounts: new Set(),
    awsManaged: true,
    createdAt: call.now,
  };
  region.kmsKeys.set(id, key);
  return key;
};

const keyRefused = (call: Call, named: string): Error => {
  const message = `The specified KMS key [${named}] does not exist, is not enabled or you do not have permissions to access it.`;
  return call.service === 'redshift'
    ? awsError('DependentServiceAccessDenied', message, 403)
    : awsError('KMSKeyNotAccessibleFault', message);
};

/** Throws KMSKeyNotAccessibleFault (Redshift: DependentServiceAccessDenied) when the key of something encrypted is gone, disabled or closed to the caller. */
export const checkKey = (call: Call, { encrypted, kmsKeyArn }: Encryption): void => {
  if (!encrypted || kmsKeyArn === undefined) return;
  const key = keyByArn(call.region, kmsKeyArn);
  if (key === undefined || !mayUseKey(key, call.accountId)) throw keyRefused(call, kmsKeyArn);
};

/** What something new is encrypted with: the key that is named, or the service's own. Throws KMSKeyNotAccessibleFault. */
export const chooseKey = (
  call: Call,
  wish: { readonly encrypted: boolean; readonly kmsKeyId: string | undefined; readonly service: 'rds' | 'redshift' },
): Encryption => {
  if (!wish.encrypted) return { encrypted: false, kmsKeyArn: undefined };
  const named = wish.kmsKeyId ?? '';
  const isOwn = named === '' || named === `alias/aws/${wish.service}`;
  const key = isOwn ? serviceKey(call, wish.service) : resolveKey(call, named);
  if (key === undefined || !mayUseKey(key, call.accountId)) throw keyRefused(call, named);
  return { encrypted: true, kmsKeyArn: key.arn };
};
