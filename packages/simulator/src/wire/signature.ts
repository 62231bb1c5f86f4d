import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it came off the socket. */
export type RawRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
};

/** What a Signature Version 4 request claims about itself, before any check. */
export type Claim = {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** When it was signed, as `20250102T030405Z`. */
  readonly signedAt: string;
  readonly sessionToken: string | undefined;
  readonly presigned: boolean;
  readonly expiresSeconds: number | undefined;
};

const sha256 = (input: string | Buffer): string => createHash('sha256').update(input).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const headerText = (request: RawRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.join(',');
};

const parseScope = (credential: string): Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service'> | undefined => {
  const parts = credential.split('/');
  const [accessKeyId, date, region, service, terminator] = parts;
  if (parts.length !== 5 || terminator !== 'aws4_request') return undefined;
  if (!accessKeyId || !date || !region || !service) return undefined;
  return { accessKeyId, date, region, service };
};

const parseAuthorization = (request: RawRequest, authorization: string): Claim | undefined => {
  const fields = new Map(
    authorization
      .slice('AWS4-HMAC-SHA256'.length)
      .split(',')
      .map((field) => field.trim().split('=', 2) as [string, string]),
  );
  const scope = parseScope(fields.get('Credential') ?? '');
  if (!authorization.startsWith('AWS4-HMAC-SHA256') || scope === undefined) return undefined;
  return {
    ...scope,
    signedHeaders: (fields.get('SignedHeaders') ?? '').split(';'),
    signature: fields.get('Signature') ?? '',
    signedAt: headerText(request, 'x-amz-date') ?? '',
    sessionToken: headerText(request, 'x-amz-security-token'),
    presigned: false,
    expiresSeconds: undefined,
  };
};

const parsePresigned = (request: RawRequest): Claim | undefined => {
  const query = new URLSearchParams(request.query);
  const scope = parseScope(query.get('X-Amz-Credential') ?? '');
  if (scope === undefined) return undefined;
  return {
    ...scope,
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    signedAt: query.get('X-Amz-Date') ?? '',
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    presigned: true,
    expiresSeconds: Number(query.get('X-Amz-Expires') ?? '0'),
  };
};

/** The claim in the Authorization header or in a presigned query; undefined when there is none that can be read. */
export const readClaim = (request: RawRequest): Claim | undefined => {
  const authorization = headerText(request, 'authorization');
  return authorization === undefined ? parsePresigned(request) : parseAuthorization(request, authorization);
};

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: string): string =>
  query === ''
    ? ''
    : query
        .split('&')
        .map((pair) => pair.split('=', 2))
        .filter(([name]) => name !== 'X-Amz-Signature')
        .map(([name = '', value = '']) => `${encode(decode(name))}=${encode(decode(value))}`)
        .toSorted()
        .join('&');

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

const canonicalRequest = (request: RawRequest, claim: Claim): string => {
  const headers = claim.signedHeaders.map(
    (name) => `${name}:${(headerText(request, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  const declared = headerText(request, 'x-amz-content-sha256');
  const payload = declared === 'UNSIGNED-PAYLOAD' ? declared : sha256(request.body);
  const lines = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    headers.join(''),
    claim.signedHeaders.join(';'),
    payload,
  ];
  return lines.join('\n');
};

const signingKeys = new Map<string, Buffer>();

// One key serves a whole day of requests to a service in a region.
const signingKey = (secret: string, { date, region, service }: Claim): Buffer => {
  const name = `${secret}/${date}/${region}/${service}`;
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
  if (signingKeys.size > 1_000) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
};

/** Whether the request was signed with this secret (AWS Signature Version 4; the body and the signed headers are covered). */
export const signatureMatches = (request: RawRequest, claim: Claim, secret: string): boolean => {
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', claim.signedAt, scope, sha256(canonicalRequest(request, claim))].join('\n');
  const expected = hmac(signingKey(secret, claim), toSign);
  const given = Buffer.from(claim.signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

/** The moment of signing in epoch ms, or undefined when the date cannot be read or is of another day than the scope. */
export const signedAtMs = (claim: Claim): number | undefined => {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.signedAt);
  if (parts === null || !claim.signedAt.startsWith(claim.date)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
};
