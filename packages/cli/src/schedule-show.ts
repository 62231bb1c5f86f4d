import { defineCommand } from './command.ts';
import { findSchedule } from './input/find.ts';
import { printSchedule } from './views/schedule.ts';

export const command = defineCommand({
  args: { schedule: 'name or id of the schedule' },
  examples: ['cpm schedule show nightly'],
  run: async ({ api, args, print }) => printSchedule(print, await findSchedule(api, args.schedule)),
});
