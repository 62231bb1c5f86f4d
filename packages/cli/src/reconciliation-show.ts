import { defineCommand } from './command.ts';
import { reconciliationColumns } from './views/reconciliation.ts';

export const command = defineCommand({
  notes: 'One line for each account and region. What was found is listed by cpm reconciliation findings.',
  examples: ['cpm reconciliation show'],
  run: async ({ api, print }) =>
    print.page(await api('GET /reconciliation', {}), reconciliationColumns, (run) => `${run.account.id} ${run.region}`),
});
