import { SUCCESS_RULES } from '@cpm/core';
import { asField, count, oneOf, wholeNumber, yesOrNo } from '../command.ts';

/** How a policy's backups are judged, tried again and tagged. */
export const backupOptions = {
  successRule: oneOf(
    '--success-rule <rule>',
    'When a backup counts as good: only without any issue, or even if scripts fail.',
    SUCCESS_RULES,
  ),
  retries: count('--retries <n>', 'How often a backup that did not succeed is tried again.'),
  retryWait: asField(
    'retryWaitMinutes',
    wholeNumber('--retry-wait <minutes>', 'How long after its end it is tried again.'),
  ),
  copySourceTags: yesOrNo('--copy-source-tags <yes|no>', "Whether snapshots carry their source's own tags too."),
};
