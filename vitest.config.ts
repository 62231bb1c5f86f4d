import { defineConfig } from 'vitest/config';

const slow = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    isolate: false,
    projects: [
      {
        test: {
          name: 'rules',
          include: ['packages/{core,contract,cli,console}/src/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      { test: { name: 'aws', include: ['packages/{aws,simulator}/src/**/*.test.ts'], ...slow } },
      {
        test: {
          name: 'server',
          include: [
            'packages/server/src/**/*.test.ts',
            'tests/flows/**/*.test.ts',
            'tests/crash/**/*.test.ts',
            'tests/witness/**/*.test.ts',
            'tests/invariants/**/*.test.ts',
            'tests/simulate/**/*.test.ts',
          ],
          globalSetup: ['packages/server/test-setup/global-postgres.ts'],
          ...slow,
        },
      },
    ],
  },
});
