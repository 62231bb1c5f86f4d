import { defineCommand, flag, text, yesOrNo } from './command.ts';
import { findSchedule } from './input/find.ts';
import { changedRule, ruleNotes, ruleOptions } from './input/schedule-rule.ts';
import { printSchedule } from './views/schedule.ts';

export const command = defineCommand({
  args: { schedule: 'name or id of the schedule' },
  options: {
    name: text('--name <name>', 'The new name.'),
    description: text('--description <text>', 'What it is for.'),
    enabled: yesOrNo('--enabled <yes|no>', 'Whether it fires.'),
    ...ruleOptions,
    withoutDisabledTimes: flag('--without-disabled-times', 'Take all disabled times away.'),
  },
  notes: `What is left out stays; --disabled-time replaces all disabled times.\n${ruleNotes}`,
  examples: ['cpm schedule change nightly --start 2026-01-31T03:30', 'cpm schedule change nightly --enabled no'],
  run: async ({ api, args, options, print }) => {
    const before = await findSchedule(api, args.schedule);
    const body = {
      name: options.name ?? before.name,
      description: options.description ?? before.description,
      enabled: options.enabled ?? before.enabled,
      ...changedRule(before, options, options.withoutDisabledTimes),
    };
    printSchedule(print, await api('PUT /schedules/:scheduleId', { params: { scheduleId: before.id }, body }));
  },
});
