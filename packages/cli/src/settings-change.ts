import { asField, count, defineCommand, text, wholeNumber, yesOrNo } from './command.ts';
import { printSettings } from './views/settings.ts';

export const command = defineCommand({
  options: {
    cleanupTime: text(
      '--cleanup-time <time>',
      "When retention looks through all policies, HH:MM of the server's zone.",
    ),
    keepRecords: asField(
      'keepRecordDays',
      count('--keep-records <days>', 'How long the records of deleted backups are kept at least.'),
    ),
    catchUpMissed: yesOrNo('--catch-up-missed <yes|no>', 'Whether a policy that missed firings runs at the start.'),
    reconcileEvery: asField(
      'reconcileEveryHours',
      wholeNumber('--reconcile-every <hours>', 'How often the records are compared with AWS.'),
    ),
  },
  notes: 'What is left out stays.',
  examples: ['cpm settings change --cleanup-time 04:30 --keep-records 90', 'cpm settings change --catch-up-missed no'],
  run: async ({ api, options, print }) => {
    const { cleanupTime, keepRecords: keepRecordDays, catchUpMissed, reconcileEvery: reconcileEveryHours } = options;
    const body = { cleanupTime, keepRecordDays, catchUpMissed, reconcileEveryHours };
    printSettings(print, await api('PATCH /settings', { body }));
  },
});
