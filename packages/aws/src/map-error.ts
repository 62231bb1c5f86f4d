import { cpmError, isCpmError, type AwsFault, type ErrorCode } from '@cpm/core';
import { meaningOf, meaningOfStatus } from './error-codes.ts';
import { isAwsError, type AwsError } from './port/errors.ts';

/** Whether a call changes anything: `once` has no token, so its repeat would do it twice. */
export type Effect = 'read' | 'repeatable' | 'once';

/** The call that failed. `action` is AWS's name of it, without the service: `CreateSnapshots`. */
export type FailedCall = {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly effect: Effect;
};

type Facts = { readonly meaning: ErrorCode; readonly code: string; readonly message: string };

/** The connection never came about, so AWS never saw the call. */
const NEVER_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EMFILE|EPROTO|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH|INVALID_CA)$/;

/** Names of errors that the SDK throws when an answer holds no code, or cannot be read at all. */
const NO_WIRE_CODE = /^(?:Error|SyntaxError|TypeError|Unknown|UnknownError|NotFound|ForeignAnswer)$/;

/**
 * Gives whatever a call threw its one meaning: code and class of CPM's catalogue, AWS's code, message, request id,
 * region, the missing permission, and whether the call may have had its effect all the same.
 */
export function mapAwsError(thrown: unknown, call: FailedCall): AwsError {
  if (isAwsError(thrown)) return thrown;
  // From the credentials: they were asked for before anything was sent.
  if (isCpmError(thrown)) return Object.assign(thrown, { outcomeUnknown: false, missingPermission: null });
  const facts = readFacts(thrown);
  const lost = call.effect !== 'read' && facts.meaning === 'aws_answer_lost';
  const meaning = facts.meaning === 'aws_answer_lost' && !lost ? 'aws_unavailable' : facts.meaning;
  const iamAction = `${call.service}:${call.action}`;
  const missingPermission = meaning === 'aws_denied' ? (deniedAction(facts.message) ?? iamAction) : null;
  const requestId = requestIdOf(thrown);
  const aws: AwsFault = {
    code: facts.code,
    action: iamAction,
    message: facts.code.startsWith('Http') ? 'The answer is not of the form of AWS.' : readable(facts.message),
    region: call.region,
    ...(requestId === undefined ? {} : { requestId }),
  };
  const params = missingPermission === null ? {} : { action: missingPermission };
  // AWS's own error is not passed on: its message may hold the signed request, session token included.
  const cause = statusOf(thrown) === undefined ? { cause: thrown } : {};
  const error = cpmError(meaning, { aws, params, ...cause });
  return Object.assign(error, { outcomeUnknown: lost, missingPermission });
}

function readFacts(thrown: unknown): Facts {
  if (!(thrown instanceof Error)) return { meaning: 'internal', code: 'NotAnError', message: String(thrown) };
  const code = codeOf(thrown);
  const status = statusOf(thrown);
  const { message } = thrown;
  if (status !== undefined) return { code, message, meaning: certainOrLost(meaningOf(code, message), status) };
  if (NEVER_SENT.test(code) || neverConnected(thrown)) return { code, message, meaning: 'aws_unavailable' };
  if (
    code === 'ERR_INVALID_CHAR' ||
    code === 'CredentialsProviderError' ||
    /credential object is not valid/i.test(message)
  ) {
    return {
      code,
      message: 'The access key or the secret key has characters that no key has.',
      meaning: 'aws_credentials_refused',
    };
  }
  if (hasNetworkCode(thrown) || code === 'TimeoutError') return { code, message, meaning: 'aws_answer_lost' };
  return { code, message, meaning: 'internal' };
}

/** A fault of AWS, or of something in between, says nothing about whether the call was carried out. */
function certainOrLost(meaning: ErrorCode | null, status: number): ErrorCode {
  const known = meaning ?? meaningOfStatus(status);
  return known === 'aws_unavailable' ? 'aws_answer_lost' : known;
}

/** AWS's wire code; RDS and Redshift name their shapes `…Fault` where the wire has none: one spelling for both. */
function codeOf(error: Error): string {
  const { Code: wire, code: node } = error as { readonly Code?: unknown; readonly code?: unknown };
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  const code = [wire, node, error.name].find(isText) as string;
  const status = statusOf(error);
  if (status !== undefined && NO_WIRE_CODE.test(code)) return `Http${status}`;
  return code.replace(/(?<=\w)Fault$/, '');
}

function statusOf(thrown: unknown): number | undefined {
  return metadataOf(thrown)?.httpStatusCode;
}

function requestIdOf(thrown: unknown): string | undefined {
  return metadataOf(thrown)?.requestId;
}

/** What the SDK notes about an answer; there is none when no answer came. */
function metadataOf(thrown: unknown) {
  type WithMetadata = { readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string } };
  return (thrown as WithMetadata | null | undefined)?.$metadata;
}

function neverConnected(error: Error): boolean {
  const { syscall } = error as { readonly syscall?: unknown };
  return syscall === 'connect' || syscall === 'getaddrinfo' || error.message.includes('did not establish a connection');
}

function hasNetworkCode(error: Error): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^(?:E[A-Z]+|HPE_\w+|ERR_STREAM_\w+|ERR_HTTP_\w+)$/.test(code);
}

/** AWS names the permission in words: `… is not authorized to perform: ec2:CreateTags on resource: …`. */
function deniedAction(message: string): string | undefined {
  return /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1];
}

/** One line for people: no encoded blob, no canonical request (it holds the session token), no control characters. */
function readable(message: string): string {
  const [line = ''] = message.split(/[\r\n]|Encoded authorization failure message|The Canonical String/, 1);
  return line
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .trim()
    .slice(0, 500);
}
