import { performance } from 'node:perf_hooks';
import { steeredClock, type Clock, type SteeredClock } from './clock/clock.ts';
import type { Control } from './control/control.ts';
import { acme } from './estates/acme.ts';
import { everyKind } from './estates/every-kind.ts';
import { fleet } from './estates/fleet.ts';
import type { Estate } from './estates/format.ts';
import { makeRegion, usualOptInRegions, usualRegions } from './estates/places.ts';
import { readEstate } from './estates/read-estate.ts';
import { settleEstate } from './estates/settle.ts';
import { changeSettings, defaultSettings, type Limits, type Settings, type Timing } from './settings.ts';
import { readFault } from './faults/rules.ts';
import { readPlan } from './ssm/plans.ts';
import { idSource } from './state/ids.ts';
import { readState, writeState, type KeptState } from './state/persist.ts';
import type { World } from './state/world.ts';
import { serve } from './wire/server.ts';

export type { Clock } from './clock/clock.ts';
export type { Estate, EstateAccount, EstateDatabase, EstateInstance, EstateVolume } from './estates/format.ts';
export type { Limits, Timing } from './settings.ts';
export { acme, everyKind, fleet };

export type SimulatorOptions = {
  /** A loopback port; 0 (the default) takes a free one. */
  readonly port?: number;
  /** An estate, its name (`acme`, `every-kind`, `fleet:50x3`) or a JSON file; `acme` when left out. */
  readonly estate?: Estate | string;
  /** `real` runs with the machine, `manual` stands until moved; an own clock is only read. */
  readonly clock?: Clock | 'real' | 'manual';
  /** Where a real or manual clock starts (epoch ms); now when left out. */
  readonly startMs?: number;
  readonly timing?: Partial<Timing>;
  readonly limits?: Partial<Limits> | 'off';
  /** For how long fresh ids are not found yet. */
  readonly consistencyMs?: number;
  /** Makes ids and secrets the same in every run. */
  readonly seed?: number;
  /** Keeps what exists across runs: read at the start where it is there, written every few seconds and at the end. */
  readonly stateFile?: string;
};

export type Simulator = {
  readonly url: string;
  readonly port: number;
  /** The clock, when the simulator has its own. */
  readonly clock: SteeredClock | undefined;
  /** Ends all connections and frees the port. */
  readonly stop: () => Promise<void>;
};

const STATE_EVERY_MS = 3_000;

const isOwnClock = (clock: SimulatorOptions['clock']): clock is Clock => typeof clock === 'object';

const makeWorld = (estate: Estate, options: SimulatorOptions, clock: Clock, kept?: KeptState): World => {
  const fromEstate = changeSettings(defaultSettings, estate.settings ?? {});
  const settings: Settings = changeSettings(fromEstate, {
    timing: options.timing,
    limits: options.limits,
    consistencyMs: options.consistencyMs,
  });
  const regions = [
    ...(estate.regions ?? usualRegions).map((name) => makeRegion(name, false)),
    ...(estate.optInRegions ?? (estate.regions === undefined ? usualOptInRegions : [])).map((name) =>
      makeRegion(name, true),
    ),
  ];
  // A clock that stands still would never refill a bucket; whoever moves it by hand still works in real time.
  const throttleNow = options.clock === 'manual' ? () => clock.now() + performance.now() : clock.now;
  const ids = idSource(options.seed, kept?.made);
  const world: World = {
    clock,
    throttleNow,
    settings,
    ids,
    accounts: kept?.accounts ?? new Map(),
    credentials: kept?.credentials ?? new Map(),
    regions: kept?.regions ?? new Map(regions.map((region) => [region.name, region])),
    faults: (estate.faults ?? []).map((fault) => readFault(`fault-${ids.hex(8)}`, fault)),
    commandPlans: (estate.commands ?? []).map((plan) => readPlan(`plan-${ids.hex(8)}`, plan)),
    calls: [],
    buckets: new Map(),
  };
  if (kept === undefined) settleEstate(world, estate);
  return world;
};

const controlOf = (estate: Estate, options: SimulatorOptions): Control => {
  const steered = isOwnClock(options.clock)
    ? undefined
    : steeredClock({ mode: options.clock ?? 'real', startMs: options.startMs });
  const clock = isOwnClock(options.clock) ? options.clock : (steered ?? { now: Date.now });
  let world = makeWorld(
    estate,
    options,
    clock,
    options.stateFile === undefined ? undefined : readState(options.stateFile),
  );
  return {
    world: () => world,
    steered,
    reset: () => {
      world = makeWorld(estate, options, clock);
    },
    changeSettings: (settings) => {
      world = { ...world, settings };
    },
  };
};

/** Writes the state whenever calls came in since the last time, and once more at the end. */
const keepState = (control: Control, file: string): { readonly end: () => void } => {
  let seen = -1;
  const write = (): void => {
    const { length } = control.world().calls;
    if (length !== seen) writeState(file, control.world());
    seen = length;
  };
  write();
  const timer = setInterval(write, STATE_EVERY_MS);
  timer.unref();
  const end = (): void => {
    clearInterval(timer);
    write();
  };
  return { end };
};

/**
 * Starts a simulated AWS on the loopback interface and resolves when it answers. Rejects with a RangeError for a bad estate
 * and with EADDRINUSE when the port is taken.
 */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const { estate = 'acme' } = options;
  const control = controlOf(typeof estate === 'string' ? readEstate(estate) : estate, options);
  const listening = await serve(control, options.port ?? 0);
  const keeping = options.stateFile === undefined ? undefined : keepState(control, options.stateFile);
  const stop = async (): Promise<void> => {
    await listening.close();
    keeping?.end();
  };
  return { url: listening.url, port: listening.port, clock: control.steered, stop };
};
