import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { validation } from './send.ts';

/** One page of a listing: MaxResults and NextToken in, NextToken out while there is more. Throws InvalidNextToken. */
export const nextPage = <T>(
  call: Call,
  things: readonly T[],
  bounds: { readonly least: number; readonly most: number },
): { readonly shown: readonly T[]; readonly nextToken: string | undefined } => {
  const size = call.params.integer('MaxResults') ?? bounds.most;
  if (size < bounds.least || size > bounds.most)
    throw validation(`Value '${size}' at 'maxResults' must be between ${bounds.least} and ${bounds.most}`);
  const token = call.params.text('NextToken');
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw awsError('InvalidNextToken', 'The specified token is not valid.');
  const end = start + size;
  return {
    shown: things.slice(start, end),
    nextToken: end < things.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
};
