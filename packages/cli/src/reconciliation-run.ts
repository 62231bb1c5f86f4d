import { defineCommand } from './command.ts';
import { counted } from './terminal/counted.ts';

export const command = defineCommand({
  notes: 'Starts it and does not wait; see cpm reconciliation show.',
  examples: ['cpm reconciliation run'],
  run: async ({ api, print }) => {
    const started = await api('POST /reconciliation/run', {});
    print.one(started, [['started', counted(started.started, 'compare')]], '');
  },
});
