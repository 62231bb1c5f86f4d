import { expect, test } from 'vitest';
import { percentOfSteps, showSteps } from './recovery-steps.ts';

const TEXTS = ['register an image', 'launch', 'wait until it runs'];

test.each([
  ['while it runs', 1, null, ['done', 'running', 'waiting']],
  ['once it has ended well', 1, true, ['done', 'done', 'done']],
  ['once it has ended badly', 1, false, ['done', 'failed', 'waiting']],
] as const)('%s', (_, present, endedWell, states) => {
  expect(showSteps(TEXTS, present, endedWell).map(({ state }) => state)).toEqual(states);
});

test('the share of steps that are done is how far it is', () => {
  expect([0, 1, 2, 3, 4].map((present) => percentOfSteps(3, present))).toEqual([0, 33, 67, 100, 100]);
  expect(percentOfSteps(0, 0)).toBe(0);
});
