import type { SteeredClock } from '../clock/clock.ts';
import { describeFault, readFault } from '../faults/rules.ts';
import { changeSettings, readSettingsChange, type Settings } from '../settings.ts';
import type { World } from '../state/world.ts';
import { reportCalls } from './calls.ts';
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

const addFaults = (world: World, wish: Wish): Answer => {
  const wishes = Array.isArray(wish) ? (wish as readonly Wish[]) : [wish];
  const rules = wishes.map((one) => readFault(`fault-${world.ids.hex(8)}`, one));
  world.faults.push(...rules);
  return { status: 201, body: { faults: rules.map(describeFault) } };
};

const removeFaults = (world: World, id: string | undefined): Answer => {
  const before = world.faults.length;
  const kept = id === undefined ? [] : world.faults.filter((rule) => rule.id !== id);
  if (id !== undefined && kept.length === before) return refuse(404, `there is no fault ${id}`);
  world.faults.splice(0, before, ...kept);
  return ok({ removed: before - kept.length });
};

const faultsAnswer = (
  control: Control,
  input: { readonly method: string; readonly wish: Wish; readonly id: string | undefined },
): Answer => {
  const world = control.world();
  if (input.method === 'POST') return addFaults(world, input.wish);
  if (input.method === 'DELETE') return removeFaults(world, input.id);
  return ok({ faults: world.faults.map(describeFault) });
};

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
      return faultsAnswer(control, { method, wish, id });
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
      return refuse(404, 'known: clock, faults, inventory, calls, settings, reset');
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
