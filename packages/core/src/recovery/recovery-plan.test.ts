import { expect, test } from 'vitest';
import { canStart, sortErrors, summarizeChecks } from './recovery-plan.ts';

const error = { path: 'subnetId', message: 'there is no subnet subnet-1 in this region' };

test('each heading stands once, in the order of the list, and fails where anything of it failed', () => {
  const checks = summarizeChecks([
    { name: 'network', warns: [{ path: '', message: 'few addresses are left' }] },
    { name: 'snapshots' },
    { name: 'network', fails: [{ ...error, fix: 'Choose another one.' }] },
  ]);
  expect(checks).toEqual([
    { name: 'snapshots', result: 'pass', findings: [] },
    {
      name: 'network',
      result: 'fail',
      findings: [
        { ...error, result: 'fail', fix: 'Choose another one.' },
        { path: '', message: 'few addresses are left', result: 'warn', fix: null },
      ],
    },
  ]);
  expect(canStart(checks)).toBe(false);
});

test('what a person should only know forbids nothing', () => {
  const checks = summarizeChecks([{ name: 'keys', warns: [error] }]);
  expect(checks.map(({ result }) => result)).toEqual(['warn']);
  expect(canStart(checks)).toBe(true);
});

test('a planner’s errors stand under the heading of their field; a heading without any has passed', () => {
  const found = sortErrors([error], ['devices'], (path) => (path === 'subnetId' ? 'network' : 'launch'));
  expect(summarizeChecks(found).map(({ name, result }) => `${name} ${result}`)).toEqual([
    'network fail',
    'devices pass',
  ]);
});
