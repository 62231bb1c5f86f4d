import { describe, expect, it } from 'vitest';
import { cpmError, ERROR_CATALOGUE, EXIT_CODES, isCpmError, isWorthRetrying, refuseIfAny } from './errors.ts';
import type { ErrorCode } from './errors.ts';

const CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

describe('the error catalogue', () => {
  it.each(CODES)('%s has a status, an exit code, a message that ends a sentence and a hint', (code) => {
    const entry = ERROR_CATALOGUE[code];
    expect(entry.httpStatus).toBeGreaterThanOrEqual(400);
    expect(entry.httpStatus).toBeLessThan(600);
    expect(Object.values(EXIT_CODES)).toContain(entry.exitCode);
    expect(entry.exitCode).not.toBe(EXIT_CODES.ok);
    expect(entry.message.length).toBeGreaterThan(10);
    expect(entry.hint).toMatch(/\.$/);
  });

  it('gives every exit code one meaning', () => {
    const codes = Object.values(EXIT_CODES);
    expect(new Set(codes).size).toBe(codes.length);
    expect(EXIT_CODES).toMatchObject({ ok: 0, failure: 1, usage: 2, denied: 3, notFound: 4, conflict: 5 });
    expect(EXIT_CODES).toMatchObject({ backupFailed: 6, backupPartial: 7, unreachable: 8 });
  });

  it.each(CODES)('%s shows no unfilled blank when nobody names its parameters', (code) => {
    expect(cpmError(code).message).not.toContain('{');
  });
});

describe('an error of CPM', () => {
  it('is an Error with what the catalogue says of its code', () => {
    const error = cpmError('conflict_name_taken', { params: { name: 'daily', noun: 'policy' } });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'CpmError',
      code: 'conflict_name_taken',
      class: 'conflict',
      httpStatus: 409,
      exitCode: 5,
    });
    expect(error.message).toBe('The name daily is taken by another policy.');
    expect(error.fields).toEqual([]);
    expect(error.aws).toBeNull();
  });

  it('takes the action from what AWS said and keeps the code and the request id', () => {
    const aws = {
      code: 'UnauthorizedOperation',
      action: 'ec2:CreateSnapshots',
      requestId: 'abc',
      region: 'eu-central-1',
    };
    const error = cpmError('aws_denied', { aws });
    expect(error.message).toContain('ec2:CreateSnapshots');
    expect(error.aws).toEqual(aws);
  });

  it('keeps its cause for the log', () => {
    const cause = new Error('socket hang up');
    expect(cpmError('aws_unavailable', { cause }).cause).toBe(cause);
    expect('cause' in cpmError('internal')).toBe(false);
  });

  it('does not fill a message from the prototype of its parameters', () => {
    expect(cpmError('conflict_name_taken', { params: { noun: 'policy' } }).message).toBe(
      'The name ? is taken by another policy.',
    );
  });

  it('puts a parameter in as it is, also where it looks like a pattern', () => {
    expect(cpmError('bad_setting', { params: { name: '$&{why}', why: '$1' } }).message).toBe(
      'The setting $&{why} is wrong: $1',
    );
  });

  it('is told apart from any other error', () => {
    expect(isCpmError(cpmError('internal'))).toBe(true);
    expect(isCpmError(new Error('x'))).toBe(false);
    expect(isCpmError(Object.assign(new Error('x'), { name: 'CpmError', code: 'toString' }))).toBe(false);
    expect(isCpmError({ name: 'CpmError', code: 'internal' })).toBe(false);
  });

  it.each([
    ['aws_throttled', true],
    ['aws_unavailable', true],
    ['aws_denied', false],
    ['aws_missing', false],
    ['conflict_in_use', false],
    ['internal', false],
  ] as const)('%s is worth retrying: %s', (code, expected) => {
    expect(isWorthRetrying(cpmError(code))).toBe(expected);
  });

  it('refuses a request with every field error at once', () => {
    const fields = [
      { path: 'name', message: 'must not be empty' },
      { path: 'generations', message: 'must be at least 1' },
    ];
    expect(() => refuseIfAny(fields)).toThrow(expect.objectContaining({ code: 'invalid_request', fields }));
    expect(() => refuseIfAny([])).not.toThrow();
  });
});
