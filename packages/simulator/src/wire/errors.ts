/** An answer AWS gives instead of a result: its wire code, its message and the HTTP status. */
export type AwsError = { readonly code: string; readonly message: string; readonly status: number };

const statusOf: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AuthFailure: 401,
  DeleteConflict: 409,
  DryRunOperation: 412,
  EntityAlreadyExists: 409,
  ExpiredToken: 403,
  IncompleteSignature: 400,
  InternalError: 500,
  InternalFailure: 500,
  InvalidClientTokenId: 403,
  LimitExceeded: 409,
  MissingAuthenticationToken: 403,
  NoSuchEntity: 404,
  OptInRequired: 401,
  RequestLimitExceeded: 503,
  InsufficientInstanceCapacity: 500,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Unavailable: 503,
  UnauthorizedOperation: 403,
};

/** A thrown AWS error. The status follows the code (EC2 API Reference, "Error codes"); 400 when the code has no other. */
export const awsError = (code: string, message: string, status = statusOf[code] ?? 400): Error & { aws: AwsError } =>
  Object.assign(new Error(`${code}: ${message}`), { aws: { code, message, status } });

/** The AWS error inside a thrown value, or undefined when the simulator itself failed. */
export const awsErrorOf = (thrown: unknown): AwsError | undefined =>
  thrown instanceof Error && 'aws' in thrown ? (thrown.aws as AwsError) : undefined;

export const invalidValue = (value: string | number, parameter: string, expectation = ''): Error =>
  awsError(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${parameter} is invalid.${expectation ? ` ${expectation}` : ''}`,
  );

export const missingParameter = (parameter: string): Error =>
  awsError('MissingParameter', `The request must contain the parameter ${parameter}`);

export const invalidCombination = (message: string): Error => awsError('InvalidParameterCombination', message);
