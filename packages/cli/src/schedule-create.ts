import { defineCommand, flag, text } from './command.ts';
import { newRule, ruleNotes, ruleOptions } from './input/schedule-rule.ts';
import { sendOnce } from './input/send-once.ts';
import { printSchedule } from './views/schedule.ts';

export const command = defineCommand({
  args: { name: 'what the schedule is called' },
  options: {
    ...ruleOptions,
    description: text('--description <text>', 'What it is for.'),
    disabled: flag('--disabled', 'It does not fire until it is enabled.'),
  },
  notes: ruleNotes,
  examples: [
    'cpm schedule create nightly --every "1 day" --start 2026-01-31T02:00 --zone Europe/Berlin',
    'cpm schedule create office-hours --every "30 minutes" --start 2026-02-02T08:00 --days weekdays \\\n      --disabled-time "every-day 18:00-08:00"',
  ],
  run: async ({ api, args, options, print }) => {
    const rule = await newRule(options, async () => (await api('GET /session', {})).serverZone);
    const body = { name: args.name, description: options.description, enabled: !options.disabled, ...rule };
    printSchedule(print, await sendOnce((idempotencyKey) => api('POST /schedules', { body, idempotencyKey })));
  },
});
