import { EXIT_CODES, SCRIPT_STEPS } from '@cpm/core';
import { defineCommand, oneOf, wrongInput } from './command.ts';
import { findPolicy } from './input/find.ts';
import { printTrial } from './views/script.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy', step: 'before, after or complete' },
  options: { argument: oneOf('--argument <1|0>', 'What after and complete are told (1 unless told).', ['1', '0']) },
  notes: 'Runs it on the server as a backup would; no backup is made. Ends with 1 when the script failed.',
  examples: ['cpm policy test-script web before', 'cpm policy test-script web after --argument 0'],
  run: async ({ api, args, options, global, print }) => {
    const step = SCRIPT_STEPS.find((each) => each === args.step);
    if (step === undefined) throw wrongInput('step', `"${args.step}" is none of ${SCRIPT_STEPS.join(', ')}`);
    const { id: policyId } = await findPolicy(api, args.policy);
    const body = { argument: options.argument };
    const trial = await api('POST /policies/:policyId/scripts/:step/test', { params: { policyId, step }, body });
    printTrial(print, global, trial);
    return trial.ended === 'succeeded' ? EXIT_CODES.ok : EXIT_CODES.failure;
  },
});
