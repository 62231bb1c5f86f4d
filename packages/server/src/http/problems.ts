import type { Problem } from '@cpm/contract';
import { cpmError, isCpmError, type CpmError, type FieldError } from '@cpm/core';
import type { FastifyError } from 'fastify';
import type { z } from 'zod';
import { sqlState } from '../db/errors.ts';
import { allowStatement } from '../logs/allow-statement.ts';

const PROBLEM_TYPES = 'https://cpm.invalid/errors/';
const FOREIGN_KEY_VIOLATION = '23503';
const DISK_FULL = '53100';
const CONNECTION_STATES = /^(08|57P0|53)/;

/** Whatever was thrown, as an error of the catalogue; what CPM does not know is `internal` and keeps its cause for the log. */
export function toCpmError(error: unknown): CpmError {
  if (isCpmError(error)) return error;
  const fastify = error as Partial<FastifyError>;
  if (fastify.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return cpmError('unsupported_media_type');
  if (fastify.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return cpmError('body_too_large');
  if (fastify.statusCode === 429) return cpmError('too_many_attempts', { params: { seconds: 60 } });
  if (fastify.code?.startsWith('FST_ERR_CTP') === true || fastify.statusCode === 400) {
    return cpmError('invalid_request', { fields: [{ path: '', message: 'the body is no well-formed JSON' }] });
  }
  // The thing was removed, or something began to use it, between the check and the write.
  if (sqlState(error) === FOREIGN_KEY_VIOLATION)
    return cpmError('conflict_in_use', {
      params: { users: 'something that was changed at the same moment' },
      cause: error,
    });
  if (sqlState(error) === DISK_FULL) return cpmError('disk_full', { cause: error });
  if (isDatabaseDown(error)) return cpmError('database_unavailable', { cause: error });
  return cpmError('internal', { cause: error });
}

/** RFC 9457 problem document of an error: no stack, no SQL, no path. */
export function problemOf(error: CpmError, requestId: string): Problem {
  const { aws } = error;
  return {
    type: `${PROBLEM_TYPES}${error.code}`,
    title: error.message,
    status: error.httpStatus,
    code: error.code,
    hint: hintOf(error),
    requestId,
    ...(error.fields.length === 0 ? {} : { fields: error.fields.map((field) => ({ ...field })) }),
    ...(aws === null ? {} : { detail: awsDetail(error), aws: { ...aws } }),
  };
}

/** A denied call says what would allow it, ready to paste into the account's IAM policy. */
function hintOf(error: CpmError): string {
  const statement = allowStatement(error);
  return statement === null ? error.hint : `${error.hint} This statement allows it: ${statement}`;
}

/** Each thing that a schema refused, with its place and a sentence for people. */
export function fieldErrorsOf(error: z.ZodError, part: 'params' | 'query' | 'body'): FieldError[] {
  const prefix = part === 'body' ? [] : [part];
  return error.issues.flatMap((issue): FieldError[] => {
    const path = [...prefix, ...issue.path].map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'there is no such field' }));
    }
    return [{ path: path.join('.'), message: messageOf(issue) }];
  });
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'this field is needed';
  return issue.message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
}

function awsDetail(error: CpmError): string {
  const { aws } = error;
  if (aws === null) return error.message;
  const said = aws.message === undefined || aws.message === '' ? aws.code : `${aws.code}: ${aws.message}`;
  return `${error.message} AWS answered ${aws.action} with ${said}${aws.requestId === undefined ? '' : ` (request ${aws.requestId})`}.`;
}

function isDatabaseDown(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return CONNECTION_STATES.test(state);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    ['ECONNREFUSED', 'ECONNRESET', 'ENOENT'].includes(code) ||
    /connection terminated|timeout exceeded when trying to connect/i.test(error instanceof Error ? error.message : '')
  );
}
