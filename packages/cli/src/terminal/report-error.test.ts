import { ApiError, UnreachableError } from '@cpm/contract/client';
import { cpmError, ERROR_CATALOGUE, type ErrorCode } from '@cpm/core';
import { describe, expect, it } from 'vitest';
import { describeError, errorLines, formatProblem, specificError } from './report-error.ts';

const problem = {
  type: 'about:blank',
  title: 'AWS does not allow these credentials to call ec2:DescribeInstances.',
  status: 422,
  code: 'aws_denied',
  detail:
    'AWS does not allow these credentials to call ec2:DescribeInstances. AWS answered with UnauthorizedOperation.',
  hint: 'Add the action to the IAM policy of this account.',
  requestId: 'req-7',
  fields: [{ path: 'accessKeyId', message: 'check it' }],
  aws: {
    code: 'UnauthorizedOperation',
    action: 'ec2:DescribeInstances',
    requestId: 'aws-9',
    message: 'You are not authorized.',
    region: 'eu-central-1',
  },
};

describe('the exit code', () => {
  it.each(Object.keys(ERROR_CATALOGUE) as ErrorCode[])('of %s is that of the catalogue', (code) => {
    const { exitCode } = ERROR_CATALOGUE[code];
    expect(describeError(new ApiError({ ...problem, code })).exitCode).toBe(exitCode);
    expect(describeError(cpmError(code)).exitCode).toBe(exitCode);
  });

  it.each(['invented_by_a_newer_server', 'constructor', '__proto__', ''])('of the unknown code "%s" is 1', (code) => {
    expect(describeError(new ApiError({ ...problem, code })).exitCode).toBe(1);
  });

  it('of anything unforeseen is 1', () => {
    expect(describeError(new TypeError('x is undefined')).exitCode).toBe(1);
    expect(describeError('a text').exitCode).toBe(1);
  });

  it('of a server that cannot be reached is 8, and the reason is told', () => {
    const { exitCode, problem: told } = describeError(
      new UnreachableError('The server at h:1 cannot be reached.', new Error('connect ECONNREFUSED 127.0.0.1:1')),
    );
    expect(exitCode).toBe(8);
    expect(told.detail).toBe('The server at h:1 cannot be reached. (connect ECONNREFUSED 127.0.0.1:1)');
  });

  it('of a server with the wrong certificate is 8, and the certificate is what is told', () => {
    const wrong = specificError('server_unreachable', 'It shows another certificate.', 'Log in again.');
    const { exitCode, problem: told } = describeError(new UnreachableError('cannot be reached', wrong));
    expect([exitCode, told.detail, told.hint]).toEqual([8, 'It shows another certificate.', 'Log in again.']);
  });
});

describe('what a person reads of an error', () => {
  it('is the message, each field, what AWS said, the hint and the request id', () => {
    expect(errorLines(problem)).toEqual([
      'error: AWS does not allow these credentials to call ec2:DescribeInstances.',
      '  accessKeyId: check it',
      '  AWS: UnauthorizedOperation from ec2:DescribeInstances in eu-central-1',
      '  AWS says: You are not authorized.',
      '  AWS request id: aws-9',
      '  hint: Add the action to the IAM policy of this account.',
      '  request id: req-7 (aws_denied)',
    ]);
  });

  it('steers no terminal', () => {
    const lines = errorLines({ ...problem, title: 'bad\u001b[2J', fields: [{ path: 'a\n', message: '\u202eb' }] });
    expect(lines.slice(0, 2)).toEqual(['error: bad\\u{1b}[2J', '  a\\n: \\u{202e}b']);
  });

  it("is the server's own problem document with --output json", () => {
    expect(JSON.parse(formatProblem(problem, 'json'))).toEqual(problem);
  });
});
