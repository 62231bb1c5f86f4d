import { EC2_PERMISSIONS, RDS_PERMISSIONS, REDSHIFT_PERMISSIONS, SSM_PERMISSIONS, isAwsError } from '@cpm/aws/port';
import type { CpmError } from '@cpm/core';

const NEEDS: readonly (readonly string[])[] = [
  EC2_PERMISSIONS,
  RDS_PERMISSIONS,
  REDSHIFT_PERMISSIONS,
  SSM_PERMISSIONS,
].flatMap((table) => Object.values<readonly string[]>(table));

/**
 * The statement that, put into the IAM policy of the account, allows a call that AWS denied, with all else that the same call
 * needs: ready to paste. Null for an error that is no denial.
 */
export function allowStatement(error: CpmError): string | null {
  if (error.code !== 'aws_denied' || error.aws === null) return null;
  const called = error.aws.action;
  const missing = isAwsError(error) && error.missingPermission !== null ? error.missingPermission : called;
  const needs = NEEDS.find((actions) => actions[0] === called && actions.includes(missing)) ?? [missing];
  return JSON.stringify({ Effect: 'Allow', Action: needs, Resource: '*' });
}
