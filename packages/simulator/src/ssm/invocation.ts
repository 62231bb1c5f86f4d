import type { Invocation } from '../state/command-records.ts';

export type Status =
  | 'Pending'
  | 'InProgress'
  | 'Delayed'
  | 'Success'
  | 'Cancelled'
  | 'TimedOut'
  | 'Failed'
  | 'Cancelling';

/** Where an invocation stands at a moment; `endedAt` is set once it is over. */
export type Standing = {
  readonly status: Status;
  readonly details: string;
  readonly exitCode: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
};

const killed = 137;

const running = (invocation: Invocation, at: number): Standing => {
  const { startsAt, endsAt, cutOffAt, cancelAt, cancelledAt } = invocation;
  const last = Math.min(endsAt, cutOffAt);
  if (cancelAt !== undefined && cancelledAt !== undefined && cancelAt <= at && cancelAt < last) {
    return cancelledAt <= at
      ? { status: 'Cancelled', details: 'Cancelled', exitCode: -1, startedAt: startsAt, endedAt: cancelledAt }
      : { status: 'Cancelling', details: 'Terminating', exitCode: -1, startedAt: startsAt, endedAt: undefined };
  }
  if (at < last)
    return { status: 'InProgress', details: 'InProgress', exitCode: -1, startedAt: startsAt, endedAt: undefined };
  if (cutOffAt < endsAt)
    return {
      status: 'TimedOut',
      details: 'ExecutionTimedOut',
      exitCode: killed,
      startedAt: startsAt,
      endedAt: cutOffAt,
    };
  const status = invocation.exitCode === 0 ? 'Success' : 'Failed';
  return { status, details: status, exitCode: invocation.exitCode, startedAt: startsAt, endedAt: endsAt };
};

/** Where an invocation stands (Systems Manager User Guide, "Understanding command statuses"). */
export const standingAt = (invocation: Invocation, at: number): Standing => {
  const { startsAt, expiresAt, dueAt, cancelAt } = invocation;
  const notStarted = { exitCode: -1, startedAt: undefined };
  if (cancelAt !== undefined && cancelAt <= at && cancelAt < Math.min(startsAt, expiresAt))
    return { ...notStarted, status: 'Cancelled', details: 'Cancelled', endedAt: cancelAt };
  if (startsAt <= at && startsAt <= expiresAt) return running(invocation, at);
  if (expiresAt <= at) return { ...notStarted, status: 'TimedOut', details: 'DeliveryTimedOut', endedAt: expiresAt };
  const status = dueAt <= at ? 'Delayed' : 'Pending';
  return { ...notStarted, status, details: status, endedAt: undefined };
};

/** Where a command stands as a whole. */
export const overall = (invocations: readonly Invocation[], at: number): Status => {
  const statuses = invocations.map((invocation) => standingAt(invocation, at).status);
  const order: readonly Status[] = [
    'InProgress',
    'Cancelling',
    'Pending',
    'Delayed',
    'TimedOut',
    'Failed',
    'Cancelled',
  ];
  const worst = order.find((status) => statuses.includes(status)) ?? 'Success';
  return worst === 'Delayed' ? 'Pending' : worst;
};
