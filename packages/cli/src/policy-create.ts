import { asField, defineCommand, flag, many, needed, oneOf, text, wholeNumber } from './command.ts';
import { findAccount, findSchedule } from './input/find.ts';
import { backupOptions } from './input/policy-options.ts';
import { chosenScripts, scriptOptions } from './input/script-options.ts';
import { sendOnce } from './input/send-once.ts';
import { printPolicy } from './views/policy.ts';

export const command = defineCommand({
  args: { name: 'what the policy is called; it is written in tags' },
  options: {
    account: asField(
      'accountId',
      needed('--account <account>', 'Name or id of the AWS account; it is fixed from then on.'),
    ),
    generations: wholeNumber('--generations <n>', 'How many generations are kept (30 unless told).'),
    schedule: asField(
      'scheduleIds',
      many('--schedule <schedule>', 'Name or id of a schedule; may be given several times.'),
    ),
    description: text('--description <text>', 'What it is for.'),
    autoTargetRemoval: oneOf('--auto-target-removal <how>', 'What becomes of a target that is gone (no unless told).', [
      'no',
      'yes',
      'yes-and-alert',
    ]),
    ...backupOptions,
    ...scriptOptions,
    disabled: flag('--disabled', 'Schedules do not run it until it is enabled.'),
  },
  examples: [
    'cpm policy create web --account production --schedule nightly --generations 14',
    'cpm policy create shop --account production --scripts server --script-timeout 60 --collect-output yes',
    'cpm policy create erp --account production --scripts ssm --ssm-before-file freeze.sh --ssm-after-file thaw.sh',
  ],
  run: async ({ api, args, options, print }) => {
    const { id: accountId } = await findAccount(api, options.account);
    const body = {
      name: args.name,
      accountId,
      description: options.description,
      generations: options.generations,
      autoTargetRemoval: options.autoTargetRemoval,
      successRule: options.successRule,
      retries: options.retries,
      retryWaitMinutes: options.retryWait,
      copySourceTags: options.copySourceTags,
      scripts: await chosenScripts(options, undefined),
      enabled: !options.disabled,
      scheduleIds: await Promise.all(options.schedule.map(async (name) => (await findSchedule(api, name)).id)),
    };
    printPolicy(print, await sendOnce((idempotencyKey) => api('POST /policies', { body, idempotencyKey })));
  },
});
