import { defineCommand } from './command.ts';
import { listOptions, readPages } from './input/paging.ts';
import { scheduleColumns } from './views/schedule.ts';

export const command = defineCommand({
  options: listOptions,
  examples: ['cpm schedule list'],
  run: async ({ api, options, print }) => {
    const page = await readPages(options, (query) => api('GET /schedules', { query }));
    print.page(page, scheduleColumns, (schedule) => schedule.id);
  },
});
