import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../../packages/server/src/db/test-database.ts';
import { witnessMainJob } from './support/main-job.ts';
import { whatIsMissing } from './support/moto-aws.ts';

const missing = await whatIsMissing();

test('moto and the AWS CLI are there to bear witness, wherever CI=true asks for them', () => {
  expect(missing).toEqual(process.env['CI'] === 'true' ? [] : missing);
});

if (missing.length === 0) {
  describe('CPM with its own PostgreSQL, on moto and seen with the AWS CLI', () => {
    witnessMainJob(async () => ({ url: null, drop: async () => undefined }));
  });

  describe('CPM with an external database, on moto and seen with the AWS CLI', () => {
    witnessMainJob(createTestDatabase);
  });
} else {
  console.log(`The witness of the main job did not run: this machine lacks ${missing.join(' and ')}.`);
}
