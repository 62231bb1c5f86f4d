/** What the failure means for whoever called; retry decisions read this and nothing else. */
export type ErrorClass = 'transient' | 'throttled' | 'denied' | 'missing' | 'conflict' | 'invalid' | 'bug';

/** How a command line ends; the numbers are part of the documented interface. */
export const EXIT_CODES = {
  ok: 0,
  failure: 1,
  usage: 2,
  denied: 3,
  notFound: 4,
  conflict: 5,
  backupFailed: 6,
  backupPartial: 7,
  unreachable: 8,
  temporary: 9,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export type ErrorEntry = {
  readonly httpStatus: number;
  readonly exitCode: ExitCode;
  readonly class: ErrorClass;
  /** Plain sentence; `{name}` is filled from `params`. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly hint: string;
};

const entry = (
  httpStatus: number,
  exitCode: ExitCode,
  errorClass: ErrorClass,
  [message, hint]: readonly [message: string, hint: string],
): ErrorEntry => ({ httpStatus, exitCode, class: errorClass, message, hint });

const { failure, usage, denied, notFound, conflict, backupFailed, backupPartial, unreachable, temporary } = EXIT_CODES;

/** Every error that CPM reports, as data: the API, the command line, the console and the documentation read this. */
export const ERROR_CATALOGUE = {
  invalid_request: entry(400, usage, 'invalid', [
    'The request is not valid.',
    'Correct the fields that are named and send it again.',
  ]),
  body_too_large: entry(413, usage, 'invalid', ['The request is larger than CPM accepts.', 'Send less at once.']),
  unsupported_media_type: entry(415, usage, 'invalid', [
    'The request body is not JSON.',
    'Send the body as application/json.',
  ]),
  not_signed_in: entry(401, denied, 'denied', ['You are not signed in.', 'Sign in and try again.']),
  wrong_credentials: entry(401, denied, 'denied', [
    'The user name or the password is wrong.',
    'Check both; the root user can reset a password.',
  ]),
  too_many_attempts: entry(429, denied, 'throttled', [
    'Too many attempts; wait {seconds} seconds.',
    'Wait, then try again: nothing is locked for good.',
  ]),
  csrf: entry(403, denied, 'denied', [
    'The request did not come from the console of this server.',
    'Reload the console and try again.',
  ]),
  forbidden: entry(403, denied, 'denied', ['You are not allowed to do this.', 'Ask the root user of this server.']),
  not_found: entry(404, notFound, 'missing', [
    'There is no such {noun}.',
    'Check the id: it may be gone, or belong to another user.',
  ]),
  method_not_allowed: entry(405, usage, 'invalid', [
    'This address does not take that method.',
    'See the API description for what it takes.',
  ]),
  conflict_name_taken: entry(409, conflict, 'conflict', [
    'The name {name} is taken by another {noun}.',
    'Choose another name.',
  ]),
  conflict_in_use: entry(409, conflict, 'conflict', ['This {noun} is in use by {users}.', 'Remove it there first.']),
  conflict_already_running: entry(409, conflict, 'conflict', [
    'A backup of the policy {name} is already running.',
    'Wait until it has ended, or abort it.',
  ]),
  conflict_no_targets: entry(409, conflict, 'conflict', [
    'The policy {name} has no targets.',
    'Add an instance or a volume to it first.',
  ]),
  conflict_not_confirmed: entry(409, conflict, 'conflict', [
    '{what} deletes {counts}.',
    'Confirm it with the number that is named first.',
  ]),
  request_in_progress: entry(409, conflict, 'conflict', [
    'The first request with this idempotency key has not ended yet.',
    'Wait a moment and send it again.',
  ]),
  conflict_not_running: entry(409, conflict, 'conflict', [
    'This {noun} has ended already.',
    'Look at its outcome; nothing is left to stop.',
  ]),
  conflict_not_recoverable: entry(409, conflict, 'conflict', [
    'This backup holds nothing to recover from.',
    'Choose a backup with a completed snapshot.',
  ]),
  conflict_backup_running: entry(409, conflict, 'conflict', [
    'This backup is still running.',
    'Wait until it has ended, or abort it.',
  ]),
  conflict_being_deleted: entry(409, conflict, 'conflict', [
    'This backup is being deleted: {why}',
    'Choose another backup.',
  ]),
  conflict_in_recovery: entry(409, conflict, 'conflict', [
    'A recovery is using this backup.',
    'Wait until the recovery has ended.',
  ]),
  conflict_still_running: entry(409, conflict, 'conflict', [
    'This {noun} has not ended yet.',
    'Wait until it has ended.',
  ]),
  conflict_settled: entry(409, conflict, 'conflict', [
    'It is decided already what becomes of what this recovery made: {what}',
    'Look at the recovery.',
  ]),
  conflict_frozen: entry(409, conflict, 'conflict', ['This backup is in the freezer as {name}.', 'Look for it there.']),
  idempotency_mismatch: entry(422, conflict, 'conflict', [
    'This idempotency key was used for a different request.',
    'Use a new key for a new request.',
  ]),
  precondition_failed: entry(412, conflict, 'conflict', [
    'Somebody else changed this {noun} meanwhile.',
    'Load it again, repeat your change and save.',
  ]),
  aws_credentials_refused: entry(422, denied, 'denied', [
    'AWS refused the credentials.',
    'Check the access key and the secret key, whether the key is active, and the clock of this server.',
  ]),
  aws_denied: entry(422, denied, 'denied', [
    'AWS does not allow these credentials to call {action}.',
    'Add the action to the IAM policy of this account.',
  ]),
  aws_throttled: entry(503, temporary, 'throttled', [
    'AWS limits how often this may be called, and has no room for this call yet.',
    'Try again later; if it lasts, other tools may be using up the limit of the account.',
  ]),
  aws_unavailable: entry(503, temporary, 'transient', [
    'AWS cannot be reached or has a fault, and trying again for a while did not help.',
    'Look at the AWS health page of the region and at the network of this server, then try again.',
  ]),
  aws_refused: entry(422, failure, 'invalid', ['AWS refused the call {action}.', 'The message of AWS says why.']),
  aws_conflict: entry(409, conflict, 'conflict', [
    'The resource is in a state that does not allow {action}.',
    'Look at its state in AWS and try again.',
  ]),
  aws_limit: entry(422, failure, 'conflict', [
    'A limit of the AWS account is reached in {action}.',
    'Free some of it or ask AWS to raise the limit.',
  ]),
  aws_missing: entry(422, notFound, 'missing', [
    'AWS does not know what {action} names.',
    'It may have been deleted outside CPM.',
  ]),
  aws_answer_lost: entry(503, temporary, 'transient', [
    'The answer of AWS to {action} was lost; CPM looks up what became of it.',
    'Nothing to do.',
  ]),
  recovery_refused: entry(400, usage, 'invalid', [
    'This recovery cannot work as asked.',
    'Correct the fields that are named; nothing was made.',
  ]),
  recovery_unsupported: entry(422, failure, 'invalid', [
    'This instance cannot be launched from its root snapshot: {why}',
    'Recover its volumes instead.',
  ]),
  backup_failed: entry(500, backupFailed, 'conflict', ['Backup Failed', 'The log of the backup says why.']),
  backup_partial: entry(500, backupPartial, 'conflict', [
    'Backup Partially Successful',
    'The log of the backup says which part failed.',
  ]),
  setup_done: entry(404, notFound, 'missing', ['This server is set up already.', 'Sign in with the root user.']),
  setup_needed: entry(409, conflict, 'conflict', [
    'This server is not set up yet.',
    'Claim it with the secret that it printed when it started.',
  ]),
  claim_wrong: entry(403, denied, 'denied', [
    'The claim secret is wrong.',
    'Copy it from where the server printed it.',
  ]),
  database_newer: entry(503, failure, 'conflict', [
    'The database was written by a newer version of CPM (schema {found}, this version knows {known}).',
    'Start that version, or restore the data from before the upgrade.',
  ]),
  database_unavailable: entry(503, temporary, 'transient', [
    'The database cannot be reached.',
    'Work goes on by itself when it is back; look at its log.',
  ]),
  disk_full: entry(503, temporary, 'transient', [
    'The disk of the database is full.',
    'Free space on it, or give it more; work goes on by itself then.',
  ]),
  port_in_use: entry(500, failure, 'conflict', [
    'Port {port} is in use by another program.',
    'Stop that program or choose another port.',
  ]),
  data_unwritable: entry(500, failure, 'conflict', [
    'The data directory {directory} cannot be written.',
    'Give the user of this server the right to write there, or choose another directory.',
  ]),
  data_in_use: entry(500, failure, 'conflict', [
    'Another server is using the data directory {directory}.',
    'Stop it first, or choose another directory.',
  ]),
  bad_setting: entry(500, usage, 'invalid', ['The setting {name} is wrong: {why}', 'Correct it and start again.']),
  server_unreachable: entry(503, unreachable, 'transient', [
    'The CPM server at {address} cannot be reached.',
    'Check the address, and that the server is running.',
  ]),
  shutting_down: entry(503, temporary, 'transient', ['The server is stopping.', 'Try again in a moment.']),
  internal: entry(500, failure, 'bug', [
    'CPM made an error.',
    'Look for the request id in the log of the server and report it.',
  ]),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One wrong input: where it is (`volumes.0.sizeGiB`, empty for the whole) and what is wrong, in plain words. */
export type FieldError = { readonly path: string; readonly message: string };

/** What AWS said, as it said it: shown to the user and written to the backup's log. */
export type AwsFault = {
  readonly code: string;
  readonly action: string;
  readonly requestId?: string;
  readonly message?: string;
  readonly region?: string;
};

export type CpmErrorDetails = {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly fields?: readonly FieldError[];
  readonly aws?: AwsFault;
  /** For the log only; never shown. */
  readonly cause?: unknown;
};

export type CpmError = Error & {
  readonly name: 'CpmError';
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly httpStatus: number;
  readonly exitCode: ExitCode;
  readonly hint: string;
  readonly fields: readonly FieldError[];
  readonly aws: AwsFault | null;
};

/** Makes the error of that code: message filled in, status, exit code, class and hint taken from the catalogue. */
export function cpmError(code: ErrorCode, details: CpmErrorDetails = {}): CpmError {
  const { message, hint, class: errorClass, httpStatus, exitCode } = ERROR_CATALOGUE[code];
  const params = { ...(details.aws ? { action: details.aws.action } : {}), ...details.params };
  const error = new Error(fillIn(message, params), 'cause' in details ? { cause: details.cause } : undefined);
  return Object.assign(error, {
    name: 'CpmError' as const,
    code,
    class: errorClass,
    httpStatus,
    exitCode,
    hint,
    fields: details.fields ?? [],
    aws: details.aws ?? null,
  });
}

/** Whether something caught is an error of CPM's own catalogue. */
export function isCpmError(error: unknown): error is CpmError {
  if (!(error instanceof Error) || error.name !== 'CpmError' || !('code' in error)) return false;
  return typeof error.code === 'string' && Object.hasOwn(ERROR_CATALOGUE, error.code);
}

/** Whether the same call may succeed later without anybody changing anything. */
export function isWorthRetrying(error: CpmError): boolean {
  return error.class === 'transient' || error.class === 'throttled';
}

/** Throws `invalid_request` with every field error when there is any. */
export function refuseIfAny(fields: readonly FieldError[]): void {
  if (fields.length > 0) throw cpmError('invalid_request', { fields });
}

function fillIn(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : (DEFAULT_WORDS[name] ?? '?'),
  );
}

/** What stands for a parameter that the caller did not name. */
const DEFAULT_WORDS: Readonly<Record<string, string>> = {
  noun: 'thing',
  action: 'this action',
  users: 'something else',
  seconds: 'some',
  address: 'this address',
  why: 'see the details',
  what: 'This',
  counts: 'something',
};
