import type { AccountAccess, CallOptions, Ec2Port, RdsPort, RedshiftPort, SsmPort } from '@cpm/aws/port';
import { cpmError, type AccountId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { findSealedKeys } from './accounts.store.ts';

/** How long keys stay in memory: a rotated key is used soon on every server, and not read from the database at each call. */
const REREAD_AFTER_MS = 10_000;

/** What binds a sealed secret key to its row. */
export const secretBinding = (accountId: AccountId, ownerId: string): string => `accounts/${accountId}/${ownerId}`;

type Parts = Pick<ServerContext, 'db' | 'secrets' | 'clock'>;

/** The access of a stored account: its keys are read and unsealed when first needed. */
export function accessOf({ db, secrets, clock }: Parts, accountId: AccountId): AccountAccess {
  let kept: { credentials: { accessKeyId: string; secretAccessKey: string }; readAtMs: number } | null = null;
  return {
    accountKey: accountId,
    async credentials() {
      if (kept !== null && clock.monotonicMs() - kept.readAtMs < REREAD_AFTER_MS) return kept.credentials;
      const row = await findSealedKeys(db, accountId);
      if (row === null) throw cpmError('not_found', { params: { noun: 'account' } });
      const secretAccessKey = secrets.open(row.secretKey, secretBinding(accountId, row.ownerId));
      kept = { credentials: { accessKeyId: row.accessKeyId, secretAccessKey }, readAtMs: clock.monotonicMs() };
      return kept.credentials;
    },
  };
}

/** EC2 of a stored account in one region. */
export function ec2Of(context: ServerContext, accountId: AccountId, region: string, options?: CallOptions): Ec2Port {
  return context.aws.ec2(accessOf(context, accountId), region, options);
}

/** RDS, with its databases and clusters, of a stored account in one region. */
export function rdsOf(context: ServerContext, accountId: AccountId, region: string, options?: CallOptions): RdsPort {
  return context.aws.rds(accessOf(context, accountId), region, options);
}

/** Redshift of a stored account in one region. */
export function redshiftOf(
  context: ServerContext,
  accountId: AccountId,
  region: string,
  options?: CallOptions,
): RedshiftPort {
  return context.aws.redshift(accessOf(context, accountId), region, options);
}

/** Systems Manager of a stored account in one region. */
export function ssmOf(
  context: Parts & Pick<ServerContext, 'aws'>,
  accountId: AccountId,
  region: string,
  options?: CallOptions,
): SsmPort {
  return context.aws.ssm(accessOf(context, accountId), region, options);
}
