import { setTimeout as delay } from 'node:timers/promises';
import { ACME } from '../../flows/support/simulated-aws.ts';
import { letPass } from '../../flows/support/stories.ts';
import { PASSWORD } from '../../flows/support/people.ts';
import { checkInvariants } from '../../invariants/check.ts';
import { reckonDueSlots } from '../../invariants/i04-slots.ts';
import type { Play, Scenario, Scene } from '../scenarios/scenario.ts';
import { CLAIM_SECRET, createCrashRig } from './crash-rig.ts';
import { effectsOf, pointsOf, type Point } from './points.ts';
import { readTrace } from './traced-scripts.ts';

/** What came of a point: whether the server was really struck there, and what was wrong afterwards. */
export type Struck = { readonly isCovered: boolean; readonly violations: readonly string[] };
type Rehearsed = { readonly points: readonly Point[]; readonly violations: readonly string[] };
type Shaken = { readonly kills: number; readonly inTheMiddle: number; readonly violations: readonly string[] };

/** A scenario that is played again and again on one installation. */
export type Playhouse = {
  /** Plays it undisturbed; answers its points, and what was wrong even so. */
  readonly rehearse: () => Promise<Rehearsed>;
  /** Plays it with the server struck at the point; where the point does not come up, once more. */
  readonly play: (point: Point) => Promise<Struck>;
  /** Plays it with the server killed so often, each time at a random moment. */
  readonly shake: (times: number) => Promise<Shaken>;
  readonly close: () => Promise<void>;
};

/** What lost answers may have left is looked out for during this time. */
const SETTLED_AFTER_MS = 80 * 60_000;
/** The records are compared with AWS once, at the start, and not in the middle of a play. */
const RECONCILE_EVERY_HOURS = 168;
/** A random kill comes within this time of the last one: about as long as a play takes. */
const SHAKEN_WITHIN_MS = 500;

/** Builds the installation in which a scenario is played. Needs the PostgreSQL and the template of the test set-up. */
export async function openPlayhouse(scenario: Scenario): Promise<Playhouse> {
  const rig = await createCrashRig();
  const scene: Scene = { ...rig, slots: reckonDueSlots() };
  await scene.anna.call('PATCH /settings', { body: { reconcileEveryHours: RECONCILE_EVERY_HOURS } });
  const prepared = await scenario.prepare(scene);
  const begin = async () => {
    // What is kept of instances for a day is old: each play reads it anew.
    await scene.db.deleteFrom('instance_attributes').execute();
    return prepared();
  };
  const told = new Set<string>();
  const settle = async (play: Play) => {
    await scene.runUntil('all is over', play.isOver);
    await letPass(scene, SETTLED_AFTER_MS);
    const compared = (await compare(scene)).filter((each) => !told.has(each));
    // A violation stays as long as the installation: it is told once.
    for (const each of compared) told.add(each);
    return [...(await play.findFaults()), ...compared];
  };
  return {
    async rehearse() {
      const traced = (await readTrace(scene)).length;
      await scene.aws.forgetCalls();
      const play = await begin();
      await scene.runUntil('all is over', play.isOver);
      const effects = effectsOf(await scene.aws.calls(), (await readTrace(scene)).slice(traced));
      return { points: pointsOf(effects), violations: await settle(play) };
    },
    async play(point) {
      const strike = async () => {
        const play = await begin();
        const isCovered = await scene.strikeAt(point, play.isOver);
        return { isCovered, violations: await settle(play) };
      };
      const first = await strike();
      if (first.isCovered) return first;
      const second = await strike();
      return { ...second, violations: [...first.violations, ...second.violations] };
    },
    async shake(times) {
      const play = await begin();
      let inTheMiddle = 0;
      for (let kills = 0; kills < times; kills += 1) if (await killSoon(scene, play)) inTheMiddle += 1;
      return { kills: times, inTheMiddle, violations: await settle(play) };
    },
    close: rig.stop,
  };
}

/** Kills and restarts the server at a random moment; answers whether the play was still going on. */
async function killSoon(scene: Scene, play: Play): Promise<boolean> {
  let isKilled = false;
  const isOver = async () => isKilled || (await play.isOver());
  const moving = scene
    .runUntil('all is over', isOver)
    // The server is killed under it.
    .catch((error: unknown) => {
      if (!isKilled) throw error;
    });
  const isInTheMiddle = await Promise.race([moving.then(() => false), delay(Math.random() * SHAKEN_WITHIN_MS, true)]);
  isKilled = true;
  await scene.kill();
  await moving;
  await scene.start();
  return isInTheMiddle;
}

async function compare(scene: Scene): Promise<string[]> {
  scene.slots.reach(scene.clock.now());
  return checkInvariants({
    db: scene.db,
    aws: scene.aws,
    due: scene.slots.all(),
    trace: await readTrace(scene),
    alerts: { clockWasSet: false },
    secrets: [ACME.production.secretAccessKey, scene.anna.token, PASSWORD, CLAIM_SECRET],
    texts: [{ name: 'the log of the servers', text: scene.log() }],
    writers: true,
  });
}
