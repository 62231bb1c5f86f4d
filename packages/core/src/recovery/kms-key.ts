const KEY_ID = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ALIAS = /^alias\/[\w/-]{1,250}$/;
const ARN = /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(?:key\/(.+)|(alias\/.+))$/;

/**
 * What is wrong with the name of an encryption key; null where AWS takes the form: an id, the ARN of a key, an alias, or the
 * ARN of an alias (EC2 API Reference, CreateVolume, KmsKeyId). Whether there is such a key only AWS can tell.
 */
export function validateKmsKey(kmsKeyId: string): string | null {
  const [, key, alias] = ARN.exec(kmsKeyId) ?? [];
  const isKey = KEY_ID.test(key ?? kmsKeyId);
  const isAlias = ALIAS.test(alias ?? kmsKeyId);
  return isKey || isAlias ? null : `"${kmsKeyId}" is no key: give its id, its ARN, or an alias such as alias/name`;
}
