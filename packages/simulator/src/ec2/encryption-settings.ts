import type { Call, Reply } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { defaultEbsKey, resolveKey } from './encryption.ts';
import type { Operations } from './operation.ts';

const shownDefault = (call: Call): string =>
  call.region.defaultEbsKeys.get(call.accountId) ?? (defaultEbsKey(call.region, call.accountId), 'alias/aws/ebs');

const setDefaultKey = (call: Call): Reply => {
  const key = resolveKey(call, call.params.requiredText('KmsKeyId'));
  if (key === undefined) throw awsError('InvalidParameterValue', 'The key does not exist or cannot be used.');
  call.region.defaultEbsKeys.set(call.accountId, key.arn);
  return { kmsKeyId: key.arn };
};

const switchDefault =
  (on: boolean) =>
  (call: Call): Reply => {
    if (on) call.region.encryptedByDefault.add(call.accountId);
    else call.region.encryptedByDefault.delete(call.accountId);
    return { ebsEncryptionByDefault: on };
  };

/** Encryption by default in a region. */
export const encryptionOperations: Operations = {
  GetEbsEncryptionByDefault: {
    run: (call) => ({
      ebsEncryptionByDefault: call.region.encryptedByDefault.has(call.accountId),
      sseType: call.region.encryptedByDefault.has(call.accountId) ? 'sse-kms' : 'none',
    }),
  },
  EnableEbsEncryptionByDefault: { run: switchDefault(true) },
  DisableEbsEncryptionByDefault: { run: switchDefault(false) },
  GetEbsDefaultKmsKeyId: { run: (call) => ({ kmsKeyId: shownDefault(call) }) },
  ModifyEbsDefaultKmsKeyId: { required: ['KmsKeyId'], run: setDefaultKey },
  ResetEbsDefaultKmsKeyId: {
    run: (call) => {
      call.region.defaultEbsKeys.delete(call.accountId);
      return { kmsKeyId: shownDefault(call) };
    },
  },
};
