import type { Client } from '@cpm/contract/client';
import { defineCommand, flag, many, oneOf, text, wholeNumber, wrongInput, yesOrNo } from './command.ts';
import { findPolicy, findSchedule } from './input/find.ts';
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
    schedule: many('--schedule <schedule>', 'Use these schedules instead of the present ones.'),
    addSchedule: many('--add-schedule <schedule>', 'Use this schedule too.'),
    removeSchedule: many('--remove-schedule <schedule>', 'Use this schedule no longer.'),
    withoutSchedules: flag('--without-schedules', 'Use no schedule.'),
  },
  notes: 'When somebody else changed the policy in the meantime, nothing is changed (exit code 5).',
  examples: ['cpm policy change web --generations 7', 'cpm policy change web --add-schedule hourly'],
  run: async ({ api, args, options, print }) => {
    const { id, revision, schedules } = await findPolicy(api, args.policy);
    const { name, description, generations, autoTargetRemoval, enabled } = options;
    const scheduleIds = await chosenSchedules(
      api,
      schedules.map((schedule) => schedule.id),
      options,
    );
    const body = { revision, name, description, generations, autoTargetRemoval, enabled, scheduleIds };
    printPolicy(print, await api('PATCH /policies/:policyId', { params: { policyId: id }, body }));
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
