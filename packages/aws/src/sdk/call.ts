import { cpmError, isCpmError } from '@cpm/core';
import { sleep, type EdgeClock } from '../clock.ts';
import { isRequestRate } from '../error-codes.ts';
import { mapAwsError, type Effect } from '../map-error.ts';
import type { Grant, HeldTokens, Lane, Pacer } from '../pacing.ts';
import type { AccountAccess, CallOptions } from '../port/access.ts';
import type { AwsError } from '../port/errors.ts';
import type { EdgeLog, CallRecord, RetrySettings } from './settings.ts';

/** What every call needs, whatever the account. */
export type Edge = {
  readonly clock: EdgeClock;
  readonly pacer: Pacer;
  readonly retry: RetrySettings;
  readonly log: EdgeLog;
  readonly random: () => number;
  readonly onCall: (record: CallRecord) => void;
};

/** On whose behalf calls are made, and how patiently. `held` are tokens taken in advance, for calls of one service. */
export type Caller = {
  readonly access: AccountAccess;
  readonly region: string;
  readonly options: CallOptions;
  readonly held?: HeldTokens;
};

export type ServiceName = 'ec2' | 'iam' | 'kms' | 'rds' | 'redshift' | 'servicequotas' | 'ssm' | 'sts';

export type Operation<Output> = {
  readonly service: ServiceName;
  readonly action: string;
  readonly effect: Effect;
  /** Instances that the call starts, stops or ends: they have a limit of their own. */
  readonly instances?: number;
  readonly send: () => Promise<Output>;
};

/**
 * Sends a call when the request limit allows it, and again after failures that pass: calls without a token only when
 * AWS refused them for their rate, which is the one failure that says nothing was done. Throws `AwsError`.
 */
export async function call<Output>(edge: Edge, caller: Caller, operation: Operation<Output>): Promise<Output> {
  let lost = false;
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptOnce(edge, caller, operation, attempt);
    if (result.ok) return result.output;
    // A refusal of the repeat says nothing about the attempt before it: that one may be why it is refused.
    lost ||= result.error.outcomeUnknown;
    if (lost) Object.assign(result.error, { outcomeUnknown: true });
    // What was reserved for is not waited for either: an application may stand still meanwhile.
    const isReserved = caller.held !== undefined && operation.effect === 'once';
    if (isReserved || !mayRepeat(edge.retry, operation.effect, result.error, attempt)) throw result.error;
    await pause(edge, caller, operation, attempt);
  }
}

type Result<Output> = { readonly ok: true; readonly output: Output } | { readonly ok: false; readonly error: AwsError };

async function attemptOnce<Output>(
  edge: Edge,
  caller: Caller,
  operation: Operation<Output>,
  attempt: number,
): Promise<Result<Output>> {
  const { access, region } = caller;
  const { action, service, effect } = operation;
  const lane: Lane = { accountKey: access.accountKey, region, service, action };
  const grant = await leaveFor(edge, caller, operation, lane);
  const record = (failure: string | null) => {
    const tookMs = edge.clock.monotonicMs() - grant.at;
    edge.onCall({ ...lane, attempt, waitedMs: grant.waitedMs, tookMs, failure });
  };
  try {
    const output = await operation.send();
    edge.pacer.accepted(lane);
    record(null);
    return { ok: true, output };
  } catch (thrown) {
    const error = mapAwsError(thrown, { service, action, region, effect });
    if (isRequestRate(error.aws?.code ?? '')) edge.pacer.refused(lane, grant);
    record(error.aws?.code ?? error.code);
    return { ok: false, error };
  }
}

async function leaveFor(edge: Edge, caller: Caller, operation: Operation<unknown>, lane: Lane): Promise<Grant> {
  const { held, options } = caller;
  const reserved = held?.takeOne(operation.action) ?? null;
  try {
    return reserved ?? (await edge.pacer.take(lane, options, operation.instances));
  } catch (error) {
    throw isCpmError(error) ? notSent(error) : error;
  }
}

function mayRepeat(retry: RetrySettings, effect: Effect, error: AwsError, attempt: number): boolean {
  if (isRequestRate(error.aws?.code ?? '')) return attempt < retry.throttledAttempts;
  return error.class === 'transient' && effect !== 'once' && attempt < retry.attempts;
}

async function pause(
  { clock, retry, random, log }: Edge,
  caller: Caller,
  operation: Operation<unknown>,
  attempt: number,
) {
  const longestMs = Math.min(retry.longestWaitMs, retry.firstWaitMs * 2 ** (attempt - 1));
  const waitMs = Math.round(longestMs * random());
  const { action, service } = operation;
  log.info({ region: caller.region, service, action, attempt, waitMs }, 'AWS call failed in passing, trying again');
  try {
    await sleep(clock, waitMs, caller.options.signal);
  } catch {
    throw notSent(cpmError('shutting_down'));
  }
}

/** An error of CPM's own, from before anything was sent, in the form of those of a port. */
export function notSent(error: Error): Error {
  return Object.assign(error, { outcomeUnknown: false, missingPermission: null });
}
