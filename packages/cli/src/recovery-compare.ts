import { EXIT_CODES } from '@cpm/core';
import { defineCommand } from './command.ts';
import { printComparison } from './views/comparison.ts';

export const command = defineCommand({
  args: { recovery: 'id of the recovery' },
  notes: [
    'What was recorded of the original beside what AWS shows now: same, as-asked (the recovery was asked for it),',
    'different or unknown; below, what was said before it started. The exit code is 1 where something is different.',
  ].join('\n'),
  examples: ['cpm recovery compare 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e'],
  run: async ({ api, args, global, print }) => {
    const params = { recoveryId: args.recovery };
    const [comparison, { warnings }] = await Promise.all([
      api('GET /recoveries/:recoveryId/comparison', { params }),
      api('GET /recoveries/:recoveryId', { params }),
    ]);
    printComparison(print, global, { comparison, warnings });
    const isDifferent = comparison.items.some(({ fields }) => fields.some(({ verdict }) => verdict === 'different'));
    return isDifferent ? EXIT_CODES.failure : EXIT_CODES.ok;
  },
});
