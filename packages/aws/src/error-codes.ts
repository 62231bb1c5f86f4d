import type { ErrorCode } from '@cpm/core';

/** AWS says "too many requests": nothing was done, and any call may be sent again after a wait. */
const REQUEST_RATE = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'EC2ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'BandwidthLimitExceeded',
  'SlowDown',
]);

/** Room comes by itself, but in quarter minutes or more: whoever asked has to come back, not the adapter. */
const ROOM_COMES = [
  'SnapshotCreationPerVolumeRateExceeded',
  'ConcurrentSnapshotLimitExceeded',
  'PendingSnapshotLimitExceeded',
  'ResourceLimitExceeded',
  // Redshift, for a service that it asks on our behalf.
  'DependentServiceRequestThrottling',
];

const CREDENTIALS = [
  'AuthFailure',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];

const DENIED = ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException', 'OptInRequired', 'Blocked'];

const FAULTS = [
  // KMS and Service Quotas.
  'KMSInternalException',
  'ServiceException',
  'DependentServiceUnavailable',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'Unavailable',
];

const CONFLICTS = [
  'DependencyViolation',
  'IdempotentParameterMismatch',
  // Systems Manager, for an instance that it knows nothing of or whose agent is silent.
  'InvalidInstanceId',
  'OperationNotPermitted',
  'VolumeInUse',
];

const MISSING = [
  'InvalidAMIID.Unavailable',
  'InvalidCommandId',
  'InvocationDoesNotExist',
  // IAM, Service Quotas, KMS.
  'NoSuchEntity',
  'NoSuchResourceException',
  'NotFoundException',
];

/** These read like the classes below, but mean something else. */
const REFUSED = ['InvalidParameterValue', 'UnsupportedOperation', 'Unsupported', 'PendingVerification'];

const EXACT: ReadonlyMap<string, ErrorCode> = new Map(
  (
    [
      [[...REQUEST_RATE, ...ROOM_COMES], 'aws_throttled'],
      [CREDENTIALS, 'aws_credentials_refused'],
      [DENIED, 'aws_denied'],
      [FAULTS, 'aws_unavailable'],
      [CONFLICTS, 'aws_conflict'],
      [REFUSED, 'aws_refused'],
      [MISSING, 'aws_missing'],
      // FilterLimitExceeded is about the request, not the account.
      [['FilterLimitExceeded'], 'aws_refused'],
    ] satisfies [string[], ErrorCode][]
  ).flatMap(([codes, meaning]) => codes.map((code): [string, ErrorCode] => [code, meaning])),
);

const FAMILIES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/NotFound$/, 'aws_missing'],
  [/\.Malformed$/, 'aws_refused'],
  // No room in AWS itself comes with HTTP 500, yet it is a definite no.
  [/^Insufficient\w*Capacity$/, 'aws_refused'],
  [/(?:\.InUse|\.Duplicate|AlreadyExists|\.Locked|Locked(?:Exception)?)$/, 'aws_conflict'],
  [/^(?:IncorrectState|IncorrectInstanceState|Incorrect\w*State|Invalid\w+State)$/, 'aws_conflict'],
  [/(?:LimitExceeded|QuotaExceeded)$|^InsufficientFreeAddressesInSubnet$/, 'aws_limit'],
];

/** Whether AWS refused the call for the rate of requests alone. */
export function isRequestRate(awsCode: string): boolean {
  return REQUEST_RATE.has(awsCode);
}

/**
 * What an AWS code means, by name; null when only the HTTP status can tell. Some codes need the message
 * (EC2 API Reference, "Error codes"; RDS and Redshift API references, "Common errors").
 */
export function meaningOf(awsCode: string, message: string): ErrorCode | null {
  if (awsCode === 'InvalidParameterValue' && /already in use/i.test(message)) return 'aws_conflict';
  return EXACT.get(awsCode) ?? FAMILIES.find(([pattern]) => pattern.test(awsCode))?.[1] ?? null;
}

/** What the HTTP status alone says about an answer without a known code. */
export function meaningOfStatus(status: number): ErrorCode {
  if (status === 429) return 'aws_throttled';
  if (status === 401) return 'aws_credentials_refused';
  if (status === 403) return 'aws_denied';
  // A redirect or a page with status 200 instead of an answer comes from something in between.
  return status >= 400 && status < 500 ? 'aws_refused' : 'aws_unavailable';
}
