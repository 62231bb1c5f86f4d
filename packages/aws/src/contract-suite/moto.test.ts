import { describe, expect, test } from 'vitest';
import { MOTO_DIFFERENCES } from './known-differences.ts';
import { motoBackEnd, startMotoProcess } from './moto.ts';
import { expectDifferencesOfKnownCases, runContractSuite } from './suite.ts';

const moto = await startMotoProcess();

if (moto !== null) {
  describe('on moto, a witness that others wrote', () => {
    runContractSuite(() => motoBackEnd(moto), MOTO_DIFFERENCES);
  });
} else if (process.env['CI'] === 'true') {
  test('moto is there to bear witness', () => {
    expect.fail('CI=true, but python3 -m moto.server does not start: install moto[server] 5.2.1');
  });
} else {
  console.log('The contract suite did not run against moto: this machine has no python3 with moto[server].');
}

test('every known difference of moto is about a case of the suite', () => {
  expectDifferencesOfKnownCases(MOTO_DIFFERENCES);
});
