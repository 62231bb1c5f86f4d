// One process of the crash matrix: plays what it is sent, one after another, in installations of its own.
import { SCENARIOS } from '../scenarios/index.ts';
import { openPlayhouse, type Playhouse, type Struck } from './playhouse.ts';
import { nameOf, parsePoint, type Point } from './points.ts';

/** A scenario is played undisturbed where no point is named. */
export type Part = { readonly scenario: string; readonly point: string | null };
export type Played = Part & Struck & { readonly points: readonly string[] };

/** So many plays an installation sees: what they leave makes every look at it a little slower. */
const MOST_PLAYS = 40;

let open: { readonly house: Playhouse; readonly scenario: string; plays: number } | null = null;

async function houseOf(name: string): Promise<Playhouse> {
  if (open?.scenario === name && open.plays < MOST_PLAYS) {
    open.plays += 1;
    return open.house;
  }
  await closeHouse();
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const house = await openPlayhouse(scenario);
  open = { house, scenario: name, plays: 1 };
  return house;
}

async function closeHouse(): Promise<void> {
  const old = open;
  open = null;
  await old?.house.close();
}

async function play({ scenario, point }: Part): Promise<Played> {
  const house = await houseOf(scenario);
  const wanted = point === null ? null : parsePoint(point);
  if (wanted !== null) return { scenario, point, points: [], ...(await house.play(wanted)) };
  const { points, violations } = await house.rehearse();
  return { scenario, point, points: points.map((each: Point) => nameOf(each)), isCovered: true, violations };
}

/** A play that breaks is a violation of that point; nothing else is played on what it left. */
async function failed(part: Part, error: unknown): Promise<Played> {
  await closeHouse().catch(() => undefined);
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...part, points: [], isCovered: false, violations: [`the play broke: ${reason}`] };
}

process.on('message', (message: Part | 'end') => {
  if (message === 'end') void closeHouse().then(() => process.exit(0));
  else
    void play(message)
      .catch((error: unknown) => failed(message, error))
      .then((played) => process.send?.(played));
});
process.on('disconnect', () => process.exit(1));
process.send?.('ready');
