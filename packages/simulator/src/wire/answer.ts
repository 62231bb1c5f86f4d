import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { strikingFaults, type FaultRule } from '../faults/rules.ts';
import type { Caller } from '../iam/caller.ts';
import type { World } from '../state/world.ts';
import { authenticate } from './authenticate.ts';
import type { Call } from './call.ts';
import { awsError, awsErrorOf, type AwsError } from './errors.ts';
import { readRequest, targetedAction, type Asked } from './read-request.ts';
import { serviceFor, xmlType, type Service } from './services.ts';
import { readClaim, type Claim, type RawRequest } from './signature.ts';

/** What goes back over the socket; `drop` cuts the connection instead. */
export type Answer = {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly requestId: string;
  readonly drop: boolean;
};

type Outcome = { readonly body: string; readonly status: number; readonly code: string; readonly drop: boolean };

const faultError = (rule: FaultRule, service: Service, call: Call): Error | undefined => {
  const { message, status } = rule;
  switch (rule.kind) {
    case 'error503':
    case 'region-down':
      return service.down();
    case 'error500':
      return awsError('InternalError', message ?? 'An internal error has occurred');
    case 'error':
      return awsError(rule.code ?? 'InternalError', message ?? 'An error set by a fault.', status);
    case 'throttle':
      return service.throttled();
    case 'deny':
      return service.denied(call);
    default:
      return undefined;
  }
};

const isRead = (action: string): boolean => /^(?:Describe|Get|List)/.test(action);

const callFor = (input: {
  readonly world: World;
  readonly service: Service;
  readonly asked: Asked;
  readonly claim: Claim;
  readonly caller: Caller;
  readonly requestId: string;
}): { call: Call; faults: FaultRule[] } => {
  const { world, service, claim, caller, requestId } = input;
  const { action, params } = input.asked;
  const region = world.regions.get(claim.region);
  if (region === undefined) throw service.refuse('bad-region', claim.region);
  const accountId = caller.account.id;
  const accessKey = claim.accessKeyId;
  const faults = strikingFaults(world, {
    service: service.name,
    action,
    account: accountId,
    region: region.name,
    accessKey,
    params,
  });
  const staleMs = Math.max(0, ...faults.filter((rule) => rule.kind === 'stale-read').map((rule) => rule.staleMs));
  const actual = world.clock.now();
  const now = isRead(action) ? actual - staleMs : actual;
  const failing = faults.find((rule) => rule.kind === 'error-state');
  const failWith = failing && (failing.message ?? 'An internal error has occurred');
  const readAt = Math.min(now, actual - world.settings.consistencyMs);
  return {
    call: { world, service: service.name, action, params, region, caller, accountId, requestId, now, readAt, failWith },
    faults,
  };
};

const waitFor = async (faults: readonly FaultRule[], when: 'before' | 'after'): Promise<void> => {
  const ms = faults
    .filter((rule) => rule.kind === 'delay' && rule.when === when)
    .reduce((sum, rule) => sum + rule.delayMs, 0);
  if (ms > 0) await delay(ms);
};

const carryOut = async (service: Service, call: Call, faults: readonly FaultRule[]): Promise<Outcome> => {
  await waitFor(faults, 'before');
  const dropped = (kind: FaultRule['kind']): boolean => faults.some((rule) => rule.kind === kind);
  if (dropped('reset-before')) return { body: '', status: 0, code: 'Dropped', drop: true };
  for (const rule of faults) {
    const error = faultError(rule, service, call);
    if (error !== undefined) throw error;
  }
  // A waited call sees the world of the moment it is carried out.
  const body = service.answer(call);
  await waitFor(faults, 'after');
  const drop = dropped('execute-then-drop');
  return { body: drop ? '' : body, status: drop ? 0 : 200, code: drop ? 'Dropped' : 'OK', drop };
};

const asAwsError = (thrown: unknown): AwsError => {
  const known = awsErrorOf(thrown);
  if (known !== undefined) return known;
  process.stderr.write(`simulator: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  return { code: 'InternalError', message: 'An internal error has occurred', status: 500 };
};

/** Answers one AWS request: who, where, faults, the action itself; and writes it into the record of calls. */
export const answerAws = async (world: World, request: RawRequest): Promise<Answer> => {
  const started = performance.now();
  const arrivedAtMs = performance.timeOrigin + started;
  const simulatedAtMs = world.clock.now();
  const requestId = world.ids.uuid();
  const claim = readClaim(request);
  const targeted = targetedAction(request);
  const asked = targeted === undefined ? readRequest(request) : undefined;
  const action = asked?.action ?? targeted ?? '';
  const service = serviceFor(claim?.service, action);
  let account = '';
  let struck: readonly FaultRule[] = [];
  const proceed = async (): Promise<Outcome> => {
    if (service === undefined)
      throw awsError('InvalidAction', `The simulator has no service '${claim?.service ?? ''}'.`);
    const caller = authenticate(world, request, claim);
    if (typeof caller === 'string') throw service.refuse(caller, claim?.region ?? '');
    account = caller.account.id;
    if (claim === undefined) throw service.refuse('unsigned', '');
    const { call, faults } = callFor({
      world,
      service,
      asked: asked ?? readRequest(request),
      claim,
      caller,
      requestId,
    });
    struck = faults;
    return carryOut(service, call, faults);
  };
  const writer = service ?? serviceFor(undefined, '');
  const outcome = await proceed().catch((thrown: unknown): Outcome => {
    const error = asAwsError(thrown);
    return { body: writer?.writeError(error, requestId) ?? '', status: error.status, code: error.code, drop: false };
  });
  world.calls.push({
    arrivedAtMs,
    simulatedAtMs,
    durationMs: performance.now() - started,
    service: claim?.service ?? service?.name ?? '',
    action,
    account,
    accessKey: claim?.accessKeyId ?? '',
    region: claim?.region ?? '',
    code: outcome.code,
    status: outcome.status,
    requestId,
    faults: struck.map((rule) => rule.id),
  });
  return {
    status: outcome.status,
    body: outcome.body,
    contentType: writer?.contentType ?? xmlType,
    requestId,
    drop: outcome.drop,
  };
};
