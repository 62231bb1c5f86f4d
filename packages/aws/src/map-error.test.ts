import { describe, expect, test } from 'vitest';
import type { ErrorClass } from '@cpm/core';
import { mapAwsError, type Effect } from './map-error.ts';
import { isWaitingForRoom } from './port/errors.ts';

const CALL = { service: 'ec2', action: 'CreateSnapshots', region: 'eu-central-1', effect: 'once' as Effect };

/** An error in the form that the SDK gives AWS's answers. */
function answer(code: string, status: number, message = 'so it is', extra: object = {}) {
  const $metadata = { httpStatusCode: status, requestId: 'req-1' };
  return Object.assign(new Error(message), { name: code, Code: code, $metadata }, extra);
}

const CLASSES: Readonly<Record<ErrorClass, readonly (readonly [code: string, status: number, message?: string])[]>> = {
  throttled: [
    ['RequestLimitExceeded', 503],
    ['Throttling', 400],
    ['ThrottlingException', 400],
    ['SnapshotCreationPerVolumeRateExceeded', 400],
    ['ConcurrentSnapshotLimitExceeded', 400],
    ['PendingSnapshotLimitExceeded', 400],
    ['ResourceLimitExceeded', 400, 'Too many snapshot copies in progress.'],
    ['SomethingNew', 429],
  ],
  denied: [
    ['UnauthorizedOperation', 403],
    ['AccessDenied', 403],
    ['AccessDeniedException', 400],
    ['OptInRequired', 401],
    ['AuthFailure', 401],
    ['InvalidClientTokenId', 403],
    ['SignatureDoesNotMatch', 403],
    ['ExpiredToken', 403],
    ['RequestExpired', 400],
    ['SomethingNew', 403],
  ],
  missing: [
    ['InvalidSnapshot.NotFound', 400],
    ['InvalidVolume.NotFound', 400],
    ['InvalidInstanceID.NotFound', 400],
    ['InvalidAMIID.NotFound', 400],
    ['InvalidAMIID.Unavailable', 400],
    ['InvalidKeyPair.NotFound', 400],
    ['DBSnapshotNotFound', 404],
    ['ClusterSnapshotNotFound', 404],
  ],
  conflict: [
    ['InvalidSnapshot.InUse', 400],
    ['VolumeInUse', 400],
    ['IncorrectState', 400],
    ['IncorrectInstanceState', 400],
    ['InvalidAMIName.Duplicate', 400],
    ['InvalidIPAddress.InUse', 400],
    ['IdempotentParameterMismatch', 400],
    ['OperationNotPermitted', 400],
    [
      'InvalidParameterValue',
      400,
      "Invalid value '/dev/sdf' for unixDevice. Attachment point /dev/sdf is already in use",
    ],
    ['DBSnapshotAlreadyExists', 400],
    ['InvalidDBInstanceState', 400],
    ['SnapshotLimitExceeded', 400],
    ['VolumeLimitExceeded', 400],
    ['VcpuLimitExceeded', 400],
    ['AttachmentLimitExceeded', 400],
    ['SnapshotQuotaExceeded', 400],
    ['InsufficientFreeAddressesInSubnet', 400],
  ],
  invalid: [
    ['InvalidParameterValue', 400],
    ['InvalidParameterCombination', 400],
    ['MissingParameter', 400],
    ['InvalidSnapshotID.Malformed', 400],
    ['InvalidVolume.ZoneMismatch', 400],
    ['Unsupported', 400],
    ['InsufficientInstanceCapacity', 500],
    ['FilterLimitExceeded', 400],
    ['SomethingNew', 400],
  ],
  transient: [
    ['InternalError', 500],
    ['InternalFailure', 500],
    ['Unavailable', 503],
    ['ServiceUnavailable', 503],
    ['SomethingNew', 502],
    ['Http200', 200],
  ],
  bug: [],
};

describe('the class of an AWS error', () => {
  for (const [errorClass, rows] of Object.entries(CLASSES)) {
    for (const [code, status, message] of rows) {
      test(`${code} with status ${status}${message ? ` (${message.slice(-18)})` : ''} is ${errorClass}`, () => {
        const error = mapAwsError(answer(code, status, message), CALL);
        expect(error).toMatchObject({ class: errorClass, aws: { code, region: 'eu-central-1', requestId: 'req-1' } });
      });
    }
  }
});

describe('whether a failed call may have had its effect', () => {
  const network = (code: string, extra: object = {}) => Object.assign(new Error(code), { code, ...extra });
  const timeout = (message: string) => Object.assign(new Error(message), { name: 'TimeoutError' });
  const rows = [
    ['a reset connection', network('ECONNRESET'), true],
    ['a broken pipe', network('EPIPE'), true],
    [
      'a request that timed out',
      Object.assign(timeout('exceeded the configured 30000 ms'), { code: 'ETIMEDOUT' }),
      true,
    ],
    ['a silent connection', timeout('the request socket timed out after 30000 ms of inactivity'), true],
    ['a fault of AWS', answer('InternalError', 500), true],
    ['a page of something in between', answer('Http504', 504), true],
    ['an answer that is not XML', answer('SyntaxError', 200), true],
    ['a refused connection', network('ECONNREFUSED', { syscall: 'connect' }), false],
    ['an unknown host', network('ENOTFOUND', { syscall: 'getaddrinfo' }), false],
    ['a connect timeout', timeout('the request socket did not establish a connection with the server'), false],
    ['a connect timeout of the system', network('ETIMEDOUT', { syscall: 'connect' }), false],
    ['a certificate that nobody trusts', network('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), false],
    ['a throttled call', answer('RequestLimitExceeded', 503), false],
    ['a refused call', answer('InvalidParameterValue', 400), false],
    ['no room in the zone', answer('InsufficientInstanceCapacity', 500), false],
    ['a denied call', answer('UnauthorizedOperation', 403), false],
  ] as const;
  for (const [words, thrown, unknown] of rows) {
    test(`${words} leaves it ${unknown ? 'unknown' : 'certain that nothing was done'}`, () => {
      const error = mapAwsError(thrown, CALL);
      expect(error.outcomeUnknown).toBe(unknown);
      expect(error.code === 'aws_answer_lost').toBe(unknown);
      expect(mapAwsError(thrown, { ...CALL, effect: 'read' })).toMatchObject({ outcomeUnknown: false });
    });
  }

  test('a read whose answer was lost is just unavailable', () => {
    const error = mapAwsError(network('ECONNRESET'), { ...CALL, effect: 'read' });
    expect(error).toMatchObject({ code: 'aws_unavailable', class: 'transient' });
  });
});

describe('a full limit that empties by itself', () => {
  for (const [code, waits] of [
    ['SnapshotCreationPerVolumeRateExceeded', true],
    ['ConcurrentSnapshotLimitExceeded', true],
    ['PendingSnapshotLimitExceeded', true],
    ['ResourceLimitExceeded', true],
    ['RequestLimitExceeded', false],
    ['SnapshotLimitExceeded', false],
    ['UnauthorizedOperation', false],
  ] as const) {
    test(`is ${waits ? '' : 'not '}what ${code} means`, () => {
      expect(isWaitingForRoom(mapAwsError(answer(code, 400), CALL))).toBe(waits);
    });
  }
});

describe('what the user reads', () => {
  test('a denial names the permission that is missing, also where it is not the called one', () => {
    const text =
      'You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/cpm is not authorized to perform: ec2:CreateTags on resource: arn:aws:ec2:*:snapshot/* because no identity-based policy allows the ec2:CreateTags action. Encoded authorization failure message: AAAA';
    const error = mapAwsError(answer('UnauthorizedOperation', 403, text), CALL);
    expect(error.missingPermission).toBe('ec2:CreateTags');
    expect(error.message).toBe('AWS does not allow these credentials to call ec2:CreateTags.');
    expect(error.aws).toMatchObject({ action: 'ec2:CreateSnapshots' });
    expect(error.aws?.message).not.toContain('AAAA');
  });

  test('a denial without words names the called action', () => {
    const error = mapAwsError(answer('UnauthorizedOperation', 403, 'no'), CALL);
    expect(error.missingPermission).toBe('ec2:CreateSnapshots');
  });

  test('neither the message nor a cause carries the signed request with its session token', () => {
    const text =
      "The request signature we calculated does not match.\n\nThe Canonical String was 'x-amz-security-token:SECRET'";
    const error = mapAwsError(answer('SignatureDoesNotMatch', 403, text), CALL);
    expect(error.code).toBe('aws_credentials_refused');
    expect(JSON.stringify(error) + String(error.cause) + error.message + error.stack).not.toContain('SECRET');
  });

  test('control characters and endless texts are cut', () => {
    const error = mapAwsError(answer('InvalidParameterValue', 400, `a\u0007b${'x'.repeat(5000)}`), CALL);
    expect(error.aws?.message).toMatch(/^a bx+$/);
    expect(error.aws?.message?.length).toBe(500);
  });

  test('keys that no header can carry are refused credentials, and are not repeated in the message', () => {
    const thrown = Object.assign(new TypeError('Invalid character in header content ["authorization"] AKIA\n'), {
      code: 'ERR_INVALID_CHAR',
    });
    const error = mapAwsError(thrown, CALL);
    expect(error).toMatchObject({ code: 'aws_credentials_refused', outcomeUnknown: false });
  });

  test('RDS and Redshift codes have one spelling, with and without Fault', () => {
    const named = answer('DBSnapshotAlreadyExistsFault', 400, 'exists', { Code: 'DBSnapshotAlreadyExists' });
    const bare = answer('DBSnapshotAlreadyExistsFault', 400, 'exists', { Code: undefined });
    for (const thrown of [named, bare]) {
      expect(mapAwsError(thrown, { ...CALL, service: 'rds' })).toMatchObject({
        class: 'conflict',
        aws: { code: 'DBSnapshotAlreadyExists' },
      });
    }
  });

  test('an answer without a code is named after its status', () => {
    const thrown = answer('Error', 502, 'XML parse error: <html>\n hint', { Code: undefined });
    const { aws } = mapAwsError(thrown, CALL);
    expect(aws).toMatchObject({ code: 'Http502', message: 'The answer is not of the form of AWS.' });
  });

  test('a mistake of our own stays one', () => {
    expect(mapAwsError(new TypeError('x is undefined'), CALL)).toMatchObject({ code: 'internal', class: 'bug' });
    expect(mapAwsError('what?', CALL)).toMatchObject({ code: 'internal' });
  });
});
