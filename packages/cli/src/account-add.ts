import { defineCommand, flag, needed, oneOf } from './command.ts';
import { askAwsSecret, secretKeyNotes, secretKeyStdin } from './input/aws-secret.ts';
import { sendOnce } from './input/send-once.ts';
import { printAccount } from './views/account.ts';

export const command = defineCommand({
  args: { name: 'what CPM calls the account' },
  options: {
    accessKeyId: needed('--access-key-id <id>', 'The access key id.'),
    secretKeyStdin,
    kind: oneOf('--kind <kind>', 'What the account is for (backup unless told).', ['backup', 'dr']),
    scanResources: flag('--scan-resources', 'Let tag scans look at its resources.'),
    keepSnapshots: flag('--never-delete-snapshots', 'CPM must not delete snapshots there.'),
  },
  notes: secretKeyNotes,
  examples: [
    'cpm account add production --access-key-id AKIAIOSFODNN7EXAMPLE',
    'cpm account add production --access-key-id AKIAIOSFODNN7EXAMPLE --secret-key-stdin < secret-key-file',
  ],
  run: async ({ api, args, options, io, print }) => {
    const { accessKeyId, kind, scanResources, keepSnapshots } = options;
    const secretAccessKey = await askAwsSecret(io, options.secretKeyStdin);
    const body = {
      name: args.name,
      accessKeyId,
      secretAccessKey,
      kind,
      scanResources,
      mayDeleteSnapshots: !keepSnapshots,
    };
    printAccount(print, await sendOnce((idempotencyKey) => api('POST /accounts', { body, idempotencyKey })));
  },
});
