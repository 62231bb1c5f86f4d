import { defineCommand, wholeNumber } from './command.ts';
import { findSchedule } from './input/find.ts';
import { newRule, ruleNotes, ruleOptions } from './input/schedule-rule.ts';
import { printPreview } from './views/schedule.ts';

export const command = defineCommand({
  args: { 'schedule?': 'name or id of a schedule; without it the options are previewed' },
  options: { ...ruleOptions, count: wholeNumber('--count <n>', 'How many firings of the options (10 unless told).') },
  notes: ruleNotes,
  examples: [
    'cpm schedule preview nightly',
    'cpm schedule preview --every "1 month" --start 2026-01-31T02:00 --zone Europe/Berlin --count 12',
  ],
  run: async ({ api, args, options, global, print }) => {
    if (args.schedule !== undefined) {
      const { id } = await findSchedule(api, args.schedule);
      const preview = await api('GET /schedules/:scheduleId/firings', { params: { scheduleId: id } });
      return printPreview(print, global, preview);
    }
    const rule = await newRule(options, async () => (await api('GET /session', {})).serverZone);
    printPreview(print, global, await api('POST /schedules/preview', { body: { ...rule, count: options.count } }));
  },
});
