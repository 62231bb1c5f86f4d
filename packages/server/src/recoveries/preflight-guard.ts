import { isAwsError } from '@cpm/aws/port';
import { isCpmError, type Found, type PreflightCheckName } from '@cpm/core';
import type { Clock } from '../clock.ts';
import { describeError } from '../logs/describe-error.ts';

/** A person waits for the plan: what AWS has not told by then is not waited for. */
const LONGEST_CHECK_MS = 10_000;

/**
 * What a check found, or a warning that it could not look: AWS refused or failed, or took too long. Never the end of the plan;
 * throws what is no error of AWS, and whatever a stopping server throws.
 */
export async function guarded(
  clock: Clock,
  { name, what }: { readonly name: PreflightCheckName; readonly what: string },
  check: () => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const unknown = (why: string): readonly Found[] => [
    { name, warns: [{ path: '', message: `${what} could not be checked: ${why}` }] },
  ];
  const { promise: late, resolve } = Promise.withResolvers<readonly Found[]>();
  const cancel = clock.after(LONGEST_CHECK_MS, () => resolve(unknown('AWS did not answer in time')));
  const looked = check().catch((error: unknown) => {
    if (!isCpmError(error) || !isAwsError(error) || error.code === 'shutting_down') throw error;
    return unknown(describeError(error));
  });
  try {
    return await Promise.race([looked, late]);
  } finally {
    cancel();
  }
}
