import { awsError } from './errors.ts';
import { paramsOfJson, parseParams, type Params } from './params.ts';
import type { RawRequest } from './signature.ts';

/** What a request asks for: an action and its parameters. */
export type Asked = { readonly action: string; readonly params: Params };

const readJson = (request: RawRequest): Params => {
  const text = request.body.toString('utf8');
  const refusal = awsError('SerializationException', 'The request body is not a JSON object.');
  let body: unknown;
  try {
    body = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw refusal;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refusal;
  return paramsOfJson(body as Readonly<Record<string, unknown>>);
};

/** The operation that `X-Amz-Target: AmazonSSM.SendCommand` names; undefined for the query protocols, which have no such header. */
export const targetedAction = (request: RawRequest): string | undefined => {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? (target.split('.').at(-1) ?? '') : undefined;
};

/** Reads a request of the query protocols (form fields) or of AWS JSON 1.1. Throws SerializationException for broken JSON. */
export const readRequest = (request: RawRequest): Asked => {
  const target = targetedAction(request);
  if (target !== undefined) return { action: target, params: readJson(request) };
  const form = request.method === 'POST' ? request.body.toString('utf8') : '';
  const params = parseParams([...new URLSearchParams(request.query), ...new URLSearchParams(form)]);
  return { action: params.text('Action') ?? '', params };
};
