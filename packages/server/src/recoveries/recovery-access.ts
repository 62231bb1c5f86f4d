import type {
  AccountAccess,
  AwsCredentials,
  CallOptions,
  Ec2Port,
  IamPort,
  KmsPort,
  RdsPort,
  RedshiftPort,
  ServiceQuotasPort,
  StsPort,
} from '@cpm/aws/port';
import type { AccountId, Found } from '@cpm/core';
import { accessOf } from '../accounts/account-access.ts';
import type { AccountRow } from '../accounts/accounts.store.ts';
import type { ServerContext } from '../context.ts';

/** Where a recovery makes things, and AWS as it is reached there: by the account's own credentials, or by those given for it. */
export type RecoveryAccess = {
  readonly accountId: AccountId;
  readonly region: string;
  readonly ec2: Ec2Port;
  readonly rds: RdsPort;
  readonly redshift: RedshiftPort;
  readonly sts: StsPort;
  readonly iam: IamPort;
  readonly kms: KmsPort;
  readonly serviceQuotas: ServiceQuotasPort;
};

type Place = { readonly accountId: AccountId; readonly region: string };

/** The ports of an account in a region; a person waits for what is done there. */
export function recoveryAccess(
  context: ServerContext,
  { accountId, region }: Place,
  {
    credentials,
    signal,
  }: { readonly credentials?: AwsCredentials | null | undefined; readonly signal?: AbortSignal } = {},
): RecoveryAccess {
  // Other credentials of the same AWS account share its request limits, so they share its pacer.
  const access: AccountAccess =
    credentials === undefined || credentials === null
      ? accessOf(context, accountId)
      : { accountKey: accountId, credentials: () => Promise.resolve(credentials) };
  const options: CallOptions = { priority: 'interactive', ...(signal === undefined ? {} : { signal }) };
  const { aws } = context;
  return {
    accountId,
    region,
    ec2: aws.ec2(access, region, options),
    rds: aws.rds(access, region, options),
    redshift: aws.redshift(access, region, options),
    sts: aws.sts(access, region, options),
    iam: aws.iam(access, region, options),
    kms: aws.kms(access, region, options),
    serviceQuotas: aws.serviceQuotas(access, region, options),
  };
}

/**
 * Whether the given credentials are those of the account that the recovery goes to (REC-2, S32). Throws where AWS refuses
 * them or cannot be asked.
 */
export async function checkCredentials(
  { sts }: RecoveryAccess,
  account: Pick<AccountRow, 'awsAccountNumber' | 'name'>,
): Promise<Found> {
  const { accountId: theirs } = await sts.callerIdentity();
  if (theirs === account.awsAccountNumber) return { name: 'credentials' };
  const message = `they belong to the AWS account ${theirs}; ${account.name} is ${account.awsAccountNumber}`;
  return { name: 'credentials', fails: [{ path: 'credentials', message, fix: 'Give credentials of that account.' }] };
}
