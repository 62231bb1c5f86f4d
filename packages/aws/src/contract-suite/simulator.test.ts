import { describe, test } from 'vitest';
import { SIMULATOR_DIFFERENCES } from './known-differences.ts';
import { simulatorBackEnd } from './simulator.ts';
import { expectDifferencesOfKnownCases, runContractSuite } from './suite.ts';

describe('on the simulator', () => {
  runContractSuite(simulatorBackEnd, SIMULATOR_DIFFERENCES);
});

test('every known difference of the simulator is about a case of the suite', () => {
  expectDifferencesOfKnownCases(SIMULATOR_DIFFERENCES);
});
