import type { CallOptions, RdsPort, RedshiftPort } from '@cpm/aws/port';
import type { AccountId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { rdsOf, redshiftOf } from './account-access.ts';

/** The two services that hold databases and clusters, of one account and region. */
export type DatabasePorts = { readonly region: string; readonly rds: RdsPort; readonly redshift: RedshiftPort };

/** RDS and Redshift of a stored account in one region; nothing is asked of AWS before it is used. */
export function databasePortsOf(
  context: ServerContext,
  accountId: AccountId,
  region: string,
  options?: CallOptions,
): DatabasePorts {
  return {
    region,
    rds: rdsOf(context, accountId, region, options),
    redshift: redshiftOf(context, accountId, region, options),
  };
}
