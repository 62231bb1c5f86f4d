import { describe } from 'vitest';
import { simulatorBackEnd } from './simulator.ts';
import { runContractSuite } from './suite.ts';

describe('on the simulator', () => {
  runContractSuite(simulatorBackEnd, {});
});
