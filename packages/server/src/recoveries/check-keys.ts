import { accountOfKey, isCpmError, keyFault, regionOfKey, type Found } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import type { RecoveryAccess } from './recovery-access.ts';
import type { RecoveryUses, UsedKey } from './recovery-uses.ts';

/** Whether every key that is read or written with can be used: those of the snapshots, and those that were asked for. */
export async function checkKeys(
  access: RecoveryAccess,
  awsAccountNumber: string,
  { keys = [], awsSnapshotIds = [] }: RecoveryUses,
): Promise<Found[]> {
  const ofSnapshots = await snapshotKeys(access, awsSnapshotIds);
  const found = await Promise.all([...keys, ...ofSnapshots].map((key) => checkKey(access, awsAccountNumber, key)));
  return [{ name: 'keys' }, ...found];
}

/** Each key of the snapshots once, with all the snapshots that need it. */
async function snapshotKeys({ ec2 }: RecoveryAccess, awsSnapshotIds: readonly string[]): Promise<UsedKey[]> {
  const encrypted = (await ec2.describeSnapshots(awsSnapshotIds)).filter(({ kmsKeyId }) => kmsKeyId !== null);
  const byKey = Map.groupBy(encrypted, ({ kmsKeyId }) => kmsKeyId ?? '');
  return [...byKey].map(([keyId, snapshots]) => ({
    keyId,
    path: '',
    of: ` of ${snapshots.map(({ awsSnapshotId }) => awsSnapshotId).join(', ')}`,
  }));
}

async function checkKey({ kms, region }: RecoveryAccess, awsAccountNumber: string, used: UsedKey): Promise<Found> {
  const name = 'keys';
  const own = regionOfKey(used.keyId);
  const isElsewhere = own !== null && own !== region;
  try {
    const fault = keyFault(used, region, isElsewhere ? null : await kms.describeKey(used.keyId));
    return fault === null ? { name } : { name, fails: [fault] };
  } catch (error) {
    if (!isCpmError(error) || error.code !== 'aws_denied') throw error;
    const owner = accountOfKey(used.keyId);
    // Of another account's key this is all that AWS ever says where the key's policy does not name this one.
    if (owner !== null && owner !== awsAccountNumber) {
      const message = `the key ${used.keyId}${used.of} belongs to the account ${owner}, which does not let it be used`;
      return { name, fails: [{ path: used.path, message, fix: "Allow this account in the key's policy." }] };
    }
    const message = `whether the key ${used.keyId}${used.of} can be used could not be checked: ${describeError(error)}`;
    return { name, warns: [{ path: used.path, message }] };
  }
}
