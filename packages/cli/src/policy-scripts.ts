import { defineCommand } from './command.ts';
import { findPolicy } from './input/find.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  notes: 'The files on the server that its backups would run; try one with cpm policy test-script.',
  examples: ['cpm policy scripts web'],
  run: async ({ api, args, print }) => {
    const { id: policyId } = await findPolicy(api, args.policy);
    const found = await api('GET /policies/:policyId/scripts', { params: { policyId } });
    print.page(
      found,
      [
        ['STEP', (script) => script.step],
        ['FILE', (script) => script.file],
        ['PROBLEM', (script) => script.problem],
      ],
      (script) => script.file ?? '',
    );
    print.note(`They belong in ${found.directory} on the server.`);
  },
});
