import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { report } from './engine-rig.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { backup } from './scenarios/backup.ts';
import { retention } from './scenarios/retention.ts';
import { bundleServer } from './support/bundled-server.ts';
import { openPlayhouse } from './support/playhouse.ts';
import { nameOf, type Point } from './support/points.ts';

/** `npm run test:crash` plays all points; here it is one in so many, always the same ones. */
const ONE_IN = 32;
const KILLS_A_PLAY = 3;
const PLAYS = 2;

let unbundle = async () => undefined as void;
beforeAll(async () => {
  ({ remove: unbundle } = await bundleServer());
});
afterAll(() => unbundle());

function isChosen(scenario: string, point: Point): boolean {
  const hash = createHash('sha256')
    .update(`${scenario} ${nameOf(point)}`)
    .digest();
  return hash.readUInt32BE() % ONE_IN === 0;
}

test.each(SCENARIOS)(
  'a server struck at calls and scripts leaves AWS and its records in agreement when $story',
  { timeout: 120_000 },
  async (scenario) => {
    const house = await openPlayhouse(scenario);
    try {
      const { points, violations } = await house.rehearse();
      const chosen = points.filter((point) => isChosen(scenario.name, point));
      const wrong = [...violations];
      for (const point of chosen) {
        const struck = await house.play(point);
        const missed = struck.isCovered ? [] : ['the point did not come up'];
        wrong.push(...[...missed, ...struck.violations].map((each) => `${nameOf(point)}: ${each}`));
      }
      report(`crash, ${scenario.name}`, { points: points.length, played: chosen.length, violations: wrong.length });
      expect(wrong).toEqual([]);
    } finally {
      await house.close();
    }
  },
);

test.each([backup, retention])(
  'a server killed at random moments leaves AWS and its records in agreement when $story',
  { timeout: 120_000 },
  async (scenario) => {
    const house = await openPlayhouse(scenario);
    try {
      const wrong: string[] = [];
      let inTheMiddle = 0;
      for (let play = 0; play < PLAYS; play += 1) {
        const shaken = await house.shake(KILLS_A_PLAY);
        inTheMiddle += shaken.inTheMiddle;
        wrong.push(...shaken.violations);
      }
      report(`crash at random, ${scenario.name}`, { kills: PLAYS * KILLS_A_PLAY, 'in the middle': inTheMiddle });
      expect(wrong).toEqual([]);
    } finally {
      await house.close();
    }
  },
);
