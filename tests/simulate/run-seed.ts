import { checkInvariants } from '../invariants/check.ts';
import type { KeptFrom } from '../invariants/i03-retention.ts';
import { reckonDueSlots } from '../invariants/i04-slots.ts';
import { foundCompany, KEYS } from './story/estate.ts';
import * as people from './story/people.ts';
import { recover } from './story/recoveries.ts';
import { clearScripts, readTrace } from './story/scripts.ts';
import { handsOf, type Town } from './story/town.ts';
import { chooseTrouble } from './story/trouble.ts';
import { pickStart, wishSettings } from './story/wishes.ts';
import { chance as chanceOf, type Chance } from './support/random.ts';
import type { House } from './support/stage.ts';
import { traceOf } from './support/trace.ts';

export type SeedInput = { readonly seed: number; readonly weeks: number };
export type SeedResult = {
  readonly seed: number;
  readonly weeks: number;
  /** Of all that happened, in CPM and in AWS; the same for the same seed. */
  readonly hash: string;
  readonly trace: readonly string[];
  readonly violations: readonly string[];
  /** How often what happened: backups by outcome, troubles, changes, restarts, jumps. */
  readonly figures: Readonly<Record<string, number>>;
  readonly realMs: number;
};

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
/**
 * At the end nothing is in the way any more: so long everything that was refused before has to come right, and a daily
 * cleanup comes by, which deletes what a lowered number of generations leaves over (RET-1).
 */
const AFTERMATH_MS = 26 * HOUR;

/** Mostly at once, for each look at a pending snapshot takes real time; at times longer than the next firing is away. */
const COPY_TAKES_MS = [...Array.from({ length: 12 }, () => 500), 4_000, 4_000, 4_000, 30_000, 30_000, 600_000];

function copyTimes(chance: Chance) {
  const snapshotBaseMs = chance.pick(COPY_TAKES_MS);
  const snapshotPerGiBMs = chance.pick([0, 0, 0, 0, 100]);
  return {
    snapshotBaseMs,
    snapshotPerGiBMs,
    databaseSnapshotBaseMs: snapshotBaseMs,
    databaseSnapshotPerGiBMs: snapshotPerGiBMs,
  };
}

/** Plays one seed from an empty installation to its last consequence, and compares both sides. */
export async function runSeed(house: House, { seed, weeks }: SeedInput): Promise<SeedResult> {
  const began = performance.now();
  const chance = chanceOf(seed);
  const company = foundCompany(chance);
  const slots = reckonDueSlots();
  const stage = await house.open({
    startMs: pickStart(chance),
    aws: {
      estate: company.estate,
      seed,
      limits: 'off',
      consistencyMs: chance.pick([0, 0, 3_000, 20_000]),
      timing: copyTimes(chance),
    },
    onSettled: slots.reach,
  });
  try {
    await clearScripts(stage.scriptsDir);
    const town = await foundTown({ chance, stage, slots, assets: [...company.assets] });
    await live(town, weeks * WEEK);
    const violations = await checkInvariants({
      db: stage.db,
      aws: stage.aws,
      kept: town.kept,
      due: slots.all(),
      trace: await readTrace(stage.scriptsDir),
      alerts: { clockWasSet: town.figures.has('clock set') },
      writers: true,
      secrets: [KEYS.cpm.secretAccessKey, stage.anna.token],
      texts: [{ name: 'the log of the server', text: stage.log() }],
    });
    const { hash, lines, figures: ends } = await traceOf(town);
    const figures = Object.fromEntries([...town.figures, ...ends, ['settled', stage.driver.settled()]]);
    return { seed, weeks, hash, trace: lines, violations, figures, realMs: performance.now() - began };
  } finally {
    await stage.close();
  }
}

type Founding = Pick<Town, 'chance' | 'stage' | 'slots'> & { readonly assets: Town['assets'] };

async function foundTown({ chance, stage, slots, assets }: Founding): Promise<Town> {
  const figures = new Map<string, number>();
  let last = 0;
  const kept: KeptFrom[] = [];
  const account = await stage.anna.call('POST /accounts', { body: { name: 'company', ...KEYS.cpm } });
  const names = new Map(
    assets.flatMap(({ id, name, volumeIds }) => [
      ...volumeIds.map((volume, at): [string, string] => [volume, `${name} disk ${at + 1}`]),
      [id, name],
    ]),
  );
  const town: Town = {
    chance,
    stage,
    slots,
    kept,
    assets,
    holders: new Map(),
    names,
    policies: [],
    schedules: [],
    accountId: () => account.id,
    figures,
    act: handsOf(stage),
    count: (what) => void figures.set(what, (figures.get(what) ?? 0) + 1),
    serial: () => (last += 1),
  };
  await stage.anna.call('PATCH /settings', { body: wishSettings(chance) });
  for (let n = chance.between(1, 2); n > 0; n -= 1) await people.addSchedule(town);
  for (let n = chance.between(1, 2); n > 0; n -= 1) await people.addPolicy(town);
  return town;
}

type Happening = { readonly at: number; readonly name: string; readonly happen: (town: Town) => Promise<void> };

/** How often in a week, at most; what is below 1 comes in as many seeds. */
const CHANGES: readonly (readonly [most: number, name: string, happen: Happening['happen']])[] = [
  [2, 'run by hand', people.runNow],
  [2, 'run and aborted', people.runAndAbort],
  [1, 'backup frozen', people.freeze],
  [1, 'policy switched', people.togglePolicy],
  [2, 'generations changed', people.changeGenerations],
  [1, 'schedule changed', people.changeSchedule],
  [2, 'target added', people.addTarget],
  [1, 'target removed', people.removeTarget],
  [1, 'policy added', people.addPolicy],
  [1, 'policy removed', people.removePolicy],
  [1, 'resource lost', people.loseAsset],
  [1, 'resource new', people.gainAsset],
  [3, 'recovery', recover],
  [7, 'trouble begins', meetTrouble],
  [0.5, 'clock set', setClock],
  [1, 'restart', restart],
];

/** Lets the time of the run go by with all that happens in it, then the aftermath without troubles or firings. */
async function live(town: Town, ms: number): Promise<void> {
  const { chance, stage } = town;
  const happenings = CHANGES.flatMap(([most, name, happen]) =>
    Array.from({ length: timesOf(chance, (most * ms) / WEEK) }, () => ({ at: momentIn(chance, ms), name, happen })),
  ).toSorted((a, b) => a.at - b.at);
  for (const { at, name, happen } of happenings) {
    await moveTo(town, at);
    town.count(happen === meetTrouble || happen === setClock || happen === restart ? name : `changed: ${name}`);
    await happen(town);
    await stage.driver.settle();
  }
  await moveTo(town, ms);
  await clearAll(town);
  await stage.anna.call('POST /reconciliation/run', {});
  for (const schedule of town.schedules) {
    schedule.rule = { ...schedule.rule, enabled: false };
    await people.saveSchedule(town, schedule);
  }
  await moveTo(town, stage.clock.monotonicMs() + AFTERMATH_MS);
}

const timesOf = (chance: Chance, most: number): number =>
  most < 1 ? Number(chance.happens(most)) : chance.between(0, Math.ceil(most));

/** Whole seconds and a bit: a moment at which nothing else is due, so that nobody is in doubt about what comes first. */
const momentIn = (chance: Chance, ms: number): number =>
  Math.floor((chance.next() * ms) / 1000) * 1000 + chance.between(101, 899);

/** Troubles that have not passed yet, by when they do. */
const ends = new WeakMap<Town, { readonly at: number; readonly clear: () => Promise<void> }[]>();

async function moveTo(town: Town, at: number): Promise<void> {
  const open = ends.get(town) ?? [];
  for (let next = firstOf(open); next !== undefined && next.at <= at; next = firstOf(open)) {
    await town.stage.driver.moveTo(next.at);
    open.splice(open.indexOf(next), 1);
    await next.clear();
  }
  await town.stage.driver.moveTo(at);
}

const firstOf = <T extends { readonly at: number }>(all: readonly T[]): T | undefined =>
  all.toSorted((a, b) => a.at - b.at)[0];

async function clearAll(town: Town): Promise<void> {
  for (const { clear } of ends.get(town)?.splice(0) ?? []) await clear();
}

/** Trouble begins; as often as not somebody runs a backup right into it. */
async function meetTrouble(town: Town): Promise<void> {
  const { name, faults, forMs } = chooseTrouble(town);
  town.count(`trouble: ${name}`);
  const clear = await town.stage.aws.fault(...faults);
  const open = ends.get(town) ?? [];
  open.push({ at: town.stage.clock.monotonicMs() + forMs, clear });
  ends.set(town, open);
  if (town.chance.happens(0.5)) await people.runNow(town);
  if (town.chance.happens(0.3)) await recover(town);
}

/** Somebody sets the machine's clock, by seconds or by hours, forwards or back. */
async function setClock({ chance, stage }: Town): Promise<void> {
  const ms = chance.happens(0.5) ? chance.between(1, 600) * 1000 : chance.between(10, 180) * 60_000;
  stage.clock.jump(chance.happens(0.5) ? ms : -ms);
}

async function restart({ chance, stage }: Town): Promise<void> {
  const minutes = chance.happens(0.6) ? chance.between(1, 60) : chance.between(60, 3 * 24 * 60);
  await stage.restart(minutes * 60_000);
}
