import type { FieldError } from '../errors.ts';

/** A key as KMS described it. */
export type DescribedKey = {
  readonly arn: string;
  readonly state: string;
  readonly spec: string;
};

type KeyFault = FieldError & { readonly fix?: string };

/** The region that a key's ARN names; null for an id or an alias. */
export const regionOfKey = (keyId: string): string | null => /^arn:[^:]+:kms:([^:]+):/.exec(keyId)?.[1] ?? null;

/** The account that a key's ARN names; null for an id or an alias. */
export const accountOfKey = (keyId: string): string | null => /^arn:[^:]+:kms:[^:]*:(\d{12}):/.exec(keyId)?.[1] ?? null;

/**
 * Why a key cannot be used in a region, null where it can; `key` is null where KMS does not show it. `of` says whose key it
 * is, such as ` of snap-1`, empty for one that was asked for.
 */
export function keyFault(
  { keyId, path, of }: { readonly keyId: string; readonly path: string; readonly of: string },
  region: string,
  key: DescribedKey | null,
): KeyFault | null {
  const at = (words: string, fix: string): KeyFault => ({ path, message: `the key ${keyId}${of} ${words}`, fix });
  const own = regionOfKey(keyId);
  if (own !== null && own !== region)
    return at(`is in ${own}, and the recovery in ${region}`, `Name a key of ${region}.`);
  if (key === null)
    return at(
      `is not known in ${region}, or its account does not share it`,
      "Name another key, or allow this account in the key's policy.",
    );
  if (key.state === 'Disabled') return at('is disabled', 'Enable it in AWS KMS.');
  if (key.state === 'PendingDeletion')
    return at('is going to be deleted', 'Cancel its deletion in AWS KMS, and enable it.');
  if (key.state !== 'Enabled') return at(`is ${key.state}`, 'Look at its state in AWS KMS.');
  if (key.spec !== 'SYMMETRIC_DEFAULT')
    return at(`is of the kind ${key.spec}`, 'Name a symmetric key: others encrypt no storage.');
  return null;
}
