import { ApiError, UnreachableError } from '@cpm/contract/client';
import {
  cpmError,
  ERROR_CATALOGUE,
  EXIT_CODES,
  isCpmError,
  type CpmError,
  type ErrorCode,
  type ExitCode,
} from '@cpm/core';
import { safeJson, visible } from './visible.ts';

type Problem = ApiError['problem'];
export type ErrorReport = { readonly exitCode: number; readonly problem: Problem };

/** How a program ends that was told to stop by Ctrl-C (128 + SIGINT). */
export const INTERRUPTED = 130;

/** Any error as a problem document and the exit code of the catalogue; what is unknown is a failure. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof ApiError) return { exitCode: exitCodeOf(error.problem.code), problem: error.problem };
  const own = toCpmError(error);
  return { exitCode: own.exitCode, problem: problemOf(own) };
}

/** The lines that a person reads: message, fields, what AWS said, hint, request id. */
export function errorLines(problem: Problem): string[] {
  const { detail, title, fields = [], aws, hint, requestId, code } = problem;
  return [
    // What AWS said follows in lines of its own.
    `error: ${visible(aws === undefined ? (detail ?? title) : title)}`,
    ...fields.map(({ path, message }) => `  ${path === '' ? '' : `${visible(path)}: `}${visible(message)}`),
    ...(aws === undefined ? [] : awsLines(aws)),
    ...(hint === undefined ? [] : [`  hint: ${visible(hint)}`]),
    ...(requestId ? [`  request id: ${visible(requestId)} (${visible(code)})`] : []),
  ];
}

/** The problem document on one stream, as lines or as JSON. */
export function formatProblem(problem: Problem, output: 'table' | 'json'): string {
  return output === 'json' ? safeJson(problem) : errorLines(problem).join('\n');
}

/** An error of the catalogue with a sentence and a hint of its own. */
export function specificError(code: ErrorCode, message: string, hint: string): CpmError {
  return Object.assign(cpmError(code), { message, hint });
}

function awsLines(aws: NonNullable<Problem['aws']>): string[] {
  const where = aws.region === undefined ? '' : ` in ${aws.region}`;
  return [
    `  AWS: ${visible(aws.code)} from ${visible(aws.action)}${visible(where)}`,
    ...(aws.message === undefined ? [] : [`  AWS says: ${visible(aws.message)}`]),
    ...(aws.requestId === undefined ? [] : [`  AWS request id: ${visible(aws.requestId)}`]),
  ];
}

function exitCodeOf(code: string): ExitCode {
  return Object.hasOwn(ERROR_CATALOGUE, code) ? ERROR_CATALOGUE[code as ErrorCode].exitCode : EXIT_CODES.failure;
}

function toCpmError(error: unknown): CpmError {
  if (isCpmError(error)) return error;
  if (error instanceof UnreachableError) {
    if (isCpmError(error.cause)) return error.cause;
    const why = error.cause instanceof Error ? ` (${causeText(error.cause)})` : '';
    return Object.assign(cpmError('server_unreachable'), { message: `${error.message}${why}` });
  }
  const message = error instanceof Error ? error.message : String(error);
  return specificError('internal', `CPM made an error: ${message}`, 'Report it with the command that was typed.');
}

/** A name that has several addresses fails once for each, with an empty message for all. */
function causeText(cause: Error): string {
  if (cause.message !== '') return cause.message;
  return cause instanceof AggregateError ? cause.errors.map(String).join('; ') : cause.name;
}

function problemOf(error: CpmError): Problem {
  return {
    type: 'about:blank',
    title: ERROR_CATALOGUE[error.code].message,
    status: error.httpStatus,
    code: error.code,
    detail: error.message,
    hint: error.hint,
    requestId: '',
    ...(error.fields.length === 0 ? {} : { fields: [...error.fields] }),
    ...(error.aws === null ? {} : { aws: error.aws }),
  };
}
