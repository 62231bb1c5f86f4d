import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/** The part of the SDK that CPM uses, in one place that is only loaded when the first STS call is made. */
export const stsSdk = {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  STSClient,
};
