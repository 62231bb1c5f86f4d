import type { Instant } from '@cpm/core';
import type { AwsCredentials } from './access.ts';

/** Whose keys these are. `accountId` is the 12-digit AWS account number. */
export type CallerIdentity = { readonly accountId: string; readonly arn: string; readonly userId: string };

export type AssumeRoleInput = {
  readonly roleArn: string;
  /** 2 to 64 characters of `\w+=,.@-`; shows up in the other account's CloudTrail. */
  readonly sessionName: string;
  readonly externalId?: string;
  /** 900 to 43,200; AWS refuses more than the role's maximum, and more than 3,600 from another role. */
  readonly durationSeconds?: number;
};

export type AssumedRole = { readonly credentials: AwsCredentials; readonly expiresAt: Instant; readonly arn: string };

/** AWS STS for one set of credentials. Both calls only read: they are repeated after a passing failure. */
export type StsPort = {
  /** Needs no permission, so a refusal means wrong keys. AWS STS API Reference, GetCallerIdentity. */
  readonly callerIdentity: () => Promise<CallerIdentity>;
  /** Short-lived credentials of another role. AWS STS API Reference, AssumeRole. */
  readonly assumeRole: (input: AssumeRoleInput) => Promise<AssumedRole>;
};
