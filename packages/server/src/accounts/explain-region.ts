import { cpmError, isCpmError, type AccountId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { ec2Of } from './account-access.ts';

/** What AWS, or the network, answers about a region that the account has not got: as if the keys or the line were bad. */
const MISLEADING = new Set(['aws_credentials_refused', 'aws_unavailable']);

/**
 * Reads from a region that somebody named; where that fails because the region does not exist or is not enabled in the
 * AWS account, throws `invalid_request` that says so instead.
 */
export async function readRegion<T>(
  context: ServerContext,
  { accountId, region }: { readonly accountId: AccountId; readonly region: string },
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isCpmError(error) || !MISLEADING.has(error.code)) throw error;
    const enabled = await ec2Of(context, accountId, 'us-east-1', { priority: 'interactive' }).describeRegions();
    if (enabled.includes(region)) throw error;
    const message = `${region} is no region that is enabled in this AWS account`;
    throw cpmError('invalid_request', { fields: [{ path: 'params.region', message }], cause: error });
  }
}
