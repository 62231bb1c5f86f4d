import type { SteeredClock } from '../clock/clock.ts';
import { describeFault, readFault } from '../faults/rules.ts';
import { changeSettings, readSettingsChange, type Settings } from '../settings.ts';
import type { World } from '../state/world.ts';
import { reportCalls } from './calls.ts';
import { readPlan } from '../ssm/plans.ts';
import { takeInventory } from './inventory.ts';

/** What control needs of a running simulator. */
export type Control = {
  readonly world: () => World;
  /** Undefined when whoever started the simulator moves its clock. */
  readonly steered: SteeredClock | undefined;
  readonly reset: () => void;
  readonly changeSettings: (settings: Settings) => void;
};

type Answer = { readonly status: number; readonly body: unknown };
type Wish = Readonly<Record<string, unknown>>;

const ok = (body: unknown): Answer => ({ status: 200, body });
const refuse = (status: number, message: string): Answer => ({ status, body: { error: message } });

const numberOf = (value: unknown, name: string): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RangeError(`${name} must be a number`);
  return value;
};

const momentOf = (value: unknown): number => {
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  if (typeof ms !== 'number' || !Number.isFinite(ms))
    throw new RangeError('set must be an ISO 8601 time or epoch milliseconds');
  return ms;
};

const steer = (clock: SteeredClock, wish: Wish): void => {
  const { mode } = wish;
  if (mode !== undefined && mode !== 'real' && mode !== 'manual') throw new RangeError('mode must be real or manual');
  if (mode !== undefined) clock.setMode(mode);
  if (wish['speed'] !== undefined) clock.setSpeed(numberOf(wish['speed'], 'speed'));
  if (wish['set'] !== undefined) clock.set(momentOf(wish['set']));
  if (wish['advanceSeconds'] !== undefined) clock.advance(numberOf(wish['advanceSeconds'], 'advanceSeconds') * 1000);
};

const clockAnswer = (control: Control, method: string, wish: Wish): Answer => {
  const { steered } = control;
  if (steered === undefined) {
    const now = control.world().clock.now();
    const shown = { now: new Date(now).toISOString(), epochMs: now, mode: 'injected' };
    return method === 'GET'
      ? ok(shown)
      : refuse(409, 'The clock was handed in by whoever started the simulator; move it there.');
  }
  if (method !== 'GET') steer(steered, wish);
  return ok(steered.describe());
};

type RulesInput = { readonly method: string; readonly wish: Wish; readonly id: string | undefined };

/** A list of rules that is shown, added to (one object or a list) and emptied, as a whole or by id. */
const rulesAnswer = <T extends { readonly id: string }>(
  rules: T[],
  input: RulesInput,
  kind: { readonly name: string; readonly read: (wish: Wish) => T; readonly show: (rule: T) => unknown },
): Answer => {
  if (input.method === 'POST') {
    const wishes = Array.isArray(input.wish) ? (input.wish as readonly Wish[]) : [input.wish];
    const made = wishes.map(kind.read);
    rules.push(...made);
    return { status: 201, body: { [kind.name]: made.map(kind.show) } };
  }
  if (input.method !== 'DELETE') return ok({ [kind.name]: rules.map(kind.show) });
  const before = rules.length;
  const kept = input.id === undefined ? [] : rules.filter((rule) => rule.id !== input.id);
  if (input.id !== undefined && kept.length === before) return refuse(404, `there is no ${input.id}`);
  rules.splice(0, before, ...kept);
  return ok({ removed: before - kept.length });
};

const faultsAnswer = (world: World, input: RulesInput): Answer =>
  rulesAnswer(world.faults, input, {
    name: 'faults',
    read: (wish) => readFault(`fault-${world.ids.hex(8)}`, wish),
    show: describeFault,
  });

const commandsAnswer = (world: World, input: RulesInput): Answer =>
  rulesAnswer(world.commandPlans, input, {
    name: 'commands',
    read: (wish) => readPlan(`plan-${world.ids.hex(8)}`, wish),
    show: (plan) => plan,
  });

const callsAnswer = (control: Control, method: string, query: URLSearchParams): Answer => {
  const { calls } = control.world();
  if (method !== 'DELETE') return ok(reportCalls(calls, query));
  return ok({ removed: calls.splice(0).length });
};

const settingsAnswer = (control: Control, method: string, wish: Wish): Answer => {
  const { settings } = control.world();
  if (method === 'GET') return ok(settings);
  const changed = changeSettings(settings, readSettingsChange(wish));
  control.changeSettings(changed);
  return ok(changed);
};

const route = (control: Control, input: ControlRequest): Answer => {
  const [, , room = '', id] = input.path.split('/');
  const { method, wish, query } = input;
  switch (room) {
    case 'clock':
      return clockAnswer(control, method, wish);
    case 'faults':
      return faultsAnswer(control.world(), { method, wish, id });
    case 'commands':
      return commandsAnswer(control.world(), { method, wish, id });
    case 'inventory':
      return ok(takeInventory(control.world(), query));
    case 'calls':
      return callsAnswer(control, method, query);
    case 'settings':
      return settingsAnswer(control, method, wish);
    case 'reset':
      if (method !== 'POST') return refuse(405, 'POST only');
      control.reset();
      return ok({ reset: true });
    default:
      return refuse(404, 'known: clock, faults, commands, inventory, calls, settings, reset');
  }
};

type ControlRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly wish: Wish;
};

/** Answers `/_simulator/…`: plain JSON, without signatures. */
export const answerControl = (
  control: Control,
  request: { readonly method: string; readonly path: string; readonly query: string; readonly body: string },
): Answer => {
  const { method, path } = request;
  if (!['GET', 'POST', 'PUT', 'DELETE'].includes(method)) return refuse(405, 'GET, POST or DELETE');
  try {
    const wish = (request.body === '' ? {} : JSON.parse(request.body)) as unknown;
    if (typeof wish !== 'object' || wish === null) return refuse(400, 'the body must be a JSON object');
    return route(control, { method, path, query: new URLSearchParams(request.query), wish: wish as Wish });
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof RangeError) return refuse(400, thrown.message);
    throw thrown;
  }
};
