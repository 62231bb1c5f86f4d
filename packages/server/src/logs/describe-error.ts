import { isCpmError } from '@cpm/core';
import { allowStatement } from './allow-statement.ts';

/**
 * An error as a line of a log that its reader can act on: CPM's sentence, then AWS's own code, words and request, and for a
 * denied call what to add to the IAM policy (BKP-5). What CPM does not know is named without its inside.
 */
export function describeError(error: unknown): string {
  if (!isCpmError(error)) return 'an internal error; the server log says more';
  const { aws } = error;
  if (aws === null) return [error.message, ...error.fields.map(({ path, message }) => `${path}: ${message}`)].join(' ');
  const said = aws.message === undefined || aws.message === '' ? aws.code : `${aws.code}: ${aws.message}`;
  const request = aws.requestId === undefined ? '' : `, request ${aws.requestId}`;
  const statement = allowStatement(error);
  const isForbidden = /\bexplicit deny\b/i.test(aws.message ?? '');
  const first = isForbidden ? ' A statement with "Effect":"Deny" forbids it, and must go first.' : '';
  const allow = statement === null ? '' : `${first} This statement allows it: ${statement}`;
  const advice = error.class === 'denied' ? ` ${error.hint}${allow}` : '';
  return `${error.message} (${aws.action}${aws.region === undefined ? '' : ` in ${aws.region}`} answered ${said}${request})${advice}`;
}
