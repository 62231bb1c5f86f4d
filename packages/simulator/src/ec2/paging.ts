import { createHash } from 'node:crypto';
import type { Call } from '../wire/call.ts';
import { awsError, invalidCombination } from '../wire/errors.ts';

export type Page<T> = { readonly shown: readonly T[]; readonly nextToken: string | undefined };

type PageRules = {
  /** The list of ids that excludes paging, as the request and as AWS's message name it. */
  readonly ids?: { readonly parameter: string; readonly wireName: string } | undefined;
  readonly least?: number;
  readonly most?: number;
};

// A token is only good for the question it was given for.
const question = (call: Call): string => {
  const parts = call.params.all().filter(([name]) => name !== 'NextToken' && name !== 'MaxResults');
  const text = JSON.stringify([call.accountId, call.region.name, parts]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
};

const writeToken = (call: Call, after: number): string =>
  Buffer.from(`${question(call)}:${after}`).toString('base64url');

const readToken = (call: Call, token: string): number => {
  const [asked, after] = Buffer.from(token, 'base64url').toString().split(':');
  if (asked !== question(call) || !/^\d+$/.test(after ?? '')) {
    throw awsError('InvalidNextToken', `The token '${token}' is invalid.`);
  }
  return Number(after);
};

const readSize = (call: Call, { least = 5, most = 1000 }: PageRules): number | undefined => {
  const size = call.params.integer('MaxResults');
  if (size === undefined) return undefined;
  const expectation =
    size < least ? `Expecting a value greater than ${least}.` : `Expecting a value less than ${most}.`;
  if (size < least || size > most) {
    throw awsError('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid. ${expectation}`);
  }
  return size;
};

/** Refuses pages of named things. */
export const refuseNamed = (call: Call, { ids }: PageRules): void => {
  if (ids === undefined || !call.params.has('MaxResults') || call.params.texts(ids.parameter).length === 0) return;
  throw invalidCombination(`The parameter ${ids.wireName} cannot be used with the parameter maxResults`);
};

/** The part of a listing that the request's MaxResults and NextToken ask for; order is the order of making. */
export const page = <T extends { readonly seq: number }>(
  call: Call,
  things: readonly T[],
  rules: PageRules = {},
): Page<T> => {
  const size = readSize(call, rules);
  const token = call.params.text('NextToken');
  refuseNamed(call, rules);
  const after = token === undefined || token === '' ? -1 : readToken(call, token);
  const rest = things.filter((thing) => thing.seq > after).toSorted((a, b) => a.seq - b.seq);
  const shown = rest.slice(0, size ?? rest.length);
  const last = shown.at(-1);
  return {
    shown,
    nextToken: shown.length < rest.length && last !== undefined ? writeToken(call, last.seq) : undefined,
  };
};
