import { defineCommand } from './command.ts';
import { printSettings } from './views/settings.ts';

export const command = defineCommand({
  notes: 'The general settings are for root alone.',
  examples: ['cpm settings show', 'cpm settings show --output json'],
  run: async ({ api, print }) => printSettings(print, await api('GET /settings', {})),
});
