import type { Client } from '@cpm/contract/client';
import { asField, defineCommand, flag, many, oneOf, text, wholeNumber, wrongInput, yesOrNo } from './command.ts';
import { confirmFewer } from './input/confirm-fewer.ts';
import { findPolicy, findSchedule } from './input/find.ts';
import { backupOptions } from './input/policy-options.ts';
import { chosenScripts, scriptOptions } from './input/script-options.ts';
import { printPolicy } from './views/policy.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  options: {
    name: text('--name <name>', 'The new name.'),
    description: text('--description <text>', 'What it is for.'),
    generations: wholeNumber('--generations <n>', 'How many generations are kept.'),
    autoTargetRemoval: oneOf('--auto-target-removal <how>', 'What becomes of a target that is gone.', [
      'no',
      'yes',
      'yes-and-alert',
    ]),
    enabled: yesOrNo('--enabled <yes|no>', 'Whether schedules run it.'),
    schedule: asField('scheduleIds', many('--schedule <schedule>', 'Use these schedules instead of the present ones.')),
    addSchedule: many('--add-schedule <schedule>', 'Use this schedule too.'),
    removeSchedule: many('--remove-schedule <schedule>', 'Use this schedule no longer.'),
    withoutSchedules: flag('--without-schedules', 'Use no schedule.'),
    ...backupOptions,
    ...scriptOptions,
  },
  notes:
    'When somebody else changed the policy in the meantime, nothing is changed (exit code 5).\nFewer generations that delete backups are asked about first: see cpm policy retention.\nScripts and backup tags that name a policy do not follow a new name.',
  examples: [
    'cpm policy change web --generations 7',
    'cpm policy change web --add-schedule hourly',
    'cpm policy change web --retries 0 --success-rule snapshots-succeed --scripts server --script-timeout 60',
  ],
  run: async (surroundings) => {
    const { api, args, options, print } = surroundings;
    const policy = await findPolicy(api, args.policy);
    const { id, revision } = policy;
    const { name, description, generations, autoTargetRemoval, enabled } = options;
    const { successRule, retries, retryWait: retryWaitMinutes, copySourceTags } = options;
    const present = policy.schedules.map((schedule) => schedule.id);
    const scheduleIds = await chosenSchedules(api, present, options);
    const scripts = await chosenScripts(options, policy.scripts);
    const plain = { revision, name, description, generations, autoTargetRemoval, enabled, scheduleIds };
    const backups = { successRule, retries, retryWaitMinutes, copySourceTags, scripts };
    const confirmDeletions = await confirmFewer(surroundings, policy, generations);
    const body = { ...plain, ...backups, confirmDeletions };
    const changed = await api('PATCH /policies/:policyId', { params: { policyId: id }, body });
    printPolicy(print, changed);
    if (changed.name === policy.name) return;
    // What names a policy does not follow it (POL-6).
    print.note(
      `Scripts on the server and backup tags that say ${policy.name} no longer belong to it: see cpm policy scripts ${changed.name}`,
    );
  },
});

type Choices = {
  readonly schedule: readonly string[];
  readonly addSchedule: readonly string[];
  readonly removeSchedule: readonly string[];
  readonly withoutSchedules: boolean;
};

/** The schedules after the change; undefined when no option speaks of them. */
async function chosenSchedules(api: Client, present: readonly string[], choices: Choices) {
  const { schedule, addSchedule, removeSchedule, withoutSchedules } = choices;
  const isReplaced = withoutSchedules || schedule.length > 0;
  const isAdjusted = addSchedule.length > 0 || removeSchedule.length > 0;
  if (withoutSchedules && schedule.length > 0) throw wrongInput('--without-schedules', 'it contradicts --schedule');
  if (isReplaced && isAdjusted) throw wrongInput('--schedule', 'either replace the schedules or add and remove some');
  if (!isReplaced && !isAdjusted) return undefined;
  const idsOf = (names: readonly string[]) =>
    Promise.all(names.map(async (name) => (await findSchedule(api, name)).id));
  const removed = new Set(await idsOf(removeSchedule));
  const wanted = isReplaced ? await idsOf(schedule) : [...present, ...(await idsOf(addSchedule))];
  return [...new Set(wanted)].filter((id) => !removed.has(id));
}
