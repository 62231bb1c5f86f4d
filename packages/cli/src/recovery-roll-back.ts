import type { Recovery } from '@cpm/contract';
import { EXIT_CODES } from '@cpm/core';
import { defineCommand, flag } from './command.ts';
import { askRecoveryCredentials, CREDENTIALS_NOTE, recoveryCredentialOptions } from './input/recovery-credentials.ts';
import { confirmOrStop } from './terminal/ask.ts';
import { counted } from './terminal/counted.ts';
import { follow } from './terminal/follow.ts';
import { describeUndone, printRecovery } from './views/recovery.ts';

export const command = defineCommand({
  args: { recovery: 'id of the recovery' },
  options: {
    ...recoveryCredentialOptions,
    wait: flag('--wait', 'Wait until it is rolled back; the exit code is 1 where it failed.'),
  },
  notes: [
    'Deletes what an ended recovery made and puts back what it replaced; lists all of it first and asks.',
    'Snapshots stay. What failed stays listed and can be tried again.',
    CREDENTIALS_NOTE,
  ].join('\n'),
  examples: [
    'cpm recovery roll-back 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e',
    'cpm recovery roll-back 0190d5a0-7c1e-7b8a-9d4e-3f2a1b0c9d8e --yes --wait',
  ],
  run: async (surroundings) => {
    const { api, args, options, io, global, print } = surroundings;
    const params = { recoveryId: args.recovery };
    const read = () => api('GET /recoveries/:recoveryId', { params });
    const { rollBack } = await read();
    for (const object of rollBack.objects) print.note(describeUndone(object));
    if (rollBack.objects.length > 0) await confirmOrStop(io, global, questionOf(rollBack.objects));
    const credentials = await askRecoveryCredentials(io, options);
    const body = { confirmObjects: rollBack.objects.length, credentials };
    const started = await api('POST /recoveries/:recoveryId/roll-back', { params, body });
    if (!options.wait) {
      printRecovery(print, started);
      return undefined;
    }
    const ended = await follow({
      io,
      global,
      read: async () => {
        const now = await read();
        return { ...now, status: now.rollBack.state === 'running' ? ('in-progress' as const) : now.status };
      },
      describe: ({ rollBack: { objects } }) => `rolling back: ${counted(objects.length, 'object')} to go`,
      lookAgain: `cpm recovery show ${args.recovery}`,
    });
    printRecovery(print, ended);
    return ended.rollBack.state === 'done' ? undefined : EXIT_CODES.failure;
  },
});

function questionOf(objects: Recovery['rollBack']['objects']): string {
  const back = objects.filter(({ action }) => action !== 'delete').length;
  const deletes = `Delete ${counted(objects.length - back, 'object')} in AWS`;
  return back === 0 ? `${deletes}?` : `${deletes} and put ${back} back?`;
}
