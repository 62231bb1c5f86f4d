import { isCpmError, type CpmError } from '@cpm/core';
import { isRequestRate } from '../error-codes.ts';

/** A failed AWS call in CPM's words. `aws.action` is the IAM name of the called action, such as `ec2:CreateSnapshots`. */
export type AwsError = CpmError & {
  /** The call may have had its effect: look for its tag (or repeat it with the same token) before trying again. */
  readonly outcomeUnknown: boolean;
  /** The IAM action that is missing, when the error is a denial: not always the called one (`ec2:CreateTags`). */
  readonly missingPermission: string | null;
};

/** Whether something caught came from an AWS port. */
export function isAwsError(error: unknown): error is AwsError {
  return isCpmError(error) && 'outcomeUnknown' in error;
}

/** Whether the call may have had its effect although it failed. */
export function isOutcomeUnknown(error: unknown): boolean {
  return isAwsError(error) && error.outcomeUnknown;
}

/** AWS's own code of the failure, such as `InvalidSnapshot.InUse`; null when the answer never came or had none. */
export function awsCodeOf(error: unknown): string | null {
  return isCpmError(error) ? (error.aws?.code ?? null) : null;
}

/**
 * Whether a limit is full that empties by itself, such as snapshots pending on a volume or in the account, or copies
 * under way: nothing was done, and the same call is worth another try in 15 seconds or more (EBS User Guide, "Quotas").
 */
export function isWaitingForRoom(error: unknown): boolean {
  return isAwsError(error) && error.class === 'throttled' && !isRequestRate(awsCodeOf(error) ?? '');
}

/**
 * Whether a create was refused because the name is taken: by what an earlier, lost answer of the same create made, or
 * by somebody else's. Describe it and compare its tags (RDS and Redshift: `…AlreadyExists`).
 */
export function isAlreadyThere(error: unknown): boolean {
  return isAwsError(error) && (awsCodeOf(error) ?? '').endsWith('AlreadyExists');
}

/**
 * Whether the source is in a state that takes no snapshot, such as a database that is being modified or backed up by
 * AWS: nothing was done, and the same call is worth another try in a minute or more; a stopped or paused one needs
 * somebody to start it (`state` of the described source tells which).
 */
export function isSourceBusy(error: unknown): boolean {
  return isAwsError(error) && /^Invalid(?:DBInstance|DBCluster|Cluster)State$/.test(awsCodeOf(error) ?? '');
}

/** Whether a read that only serves a check was refused: denied, or unknown to an endpoint that stands in for AWS. */
export const isUntold = (error: unknown): boolean =>
  isCpmError(error) && (error.code === 'aws_denied' || /^Http\d/.test(error.aws?.code ?? ''));
