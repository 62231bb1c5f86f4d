import { defineCommand } from './command.ts';
import { findSchedule } from './input/find.ts';
import { confirmOrStop } from './terminal/ask.ts';

export const command = defineCommand({
  args: { schedule: 'name or id of the schedule' },
  notes: 'A schedule that a policy uses is not removed (exit code 5).',
  examples: ['cpm schedule remove nightly'],
  run: async ({ api, args, io, global, print }) => {
    const { id, name } = await findSchedule(api, args.schedule);
    await confirmOrStop(io, global, `Remove the schedule ${name}?`);
    await api('DELETE /schedules/:scheduleId', { params: { scheduleId: id } });
    print.note(`The schedule ${name} is removed.`);
  },
});
