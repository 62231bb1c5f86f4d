import { defineCommand } from './command.ts';
import { exitCodeOfOutcome } from './terminal/follow.ts';
import { logOptions, printLog } from './views/log.ts';

export const command = defineCommand({
  args: { recovery: 'id of the recovery' },
  options: logOptions,
  notes: 'With --follow the exit code tells the outcome (see cpm help exit-codes).',
  examples: ['cpm recovery log 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e --follow'],
  run: async (surroundings) => {
    const { api, args, options } = surroundings;
    const params = { recoveryId: args.recovery };
    await printLog(surroundings, options.follow, (query) => api('GET /recoveries/:recoveryId/log', { params, query }));
    return options.follow
      ? exitCodeOfOutcome((await api('GET /recoveries/:recoveryId', { params })).status)
      : undefined;
  },
});
