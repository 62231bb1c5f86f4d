import { defineCommand, needed } from './command.ts';
import { askAwsSecret, secretKeyNotes, secretKeyStdin } from './input/aws-secret.ts';
import { findAccount } from './input/find.ts';
import { printAccount } from './views/account.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  options: { accessKeyId: needed('--access-key-id <id>', 'The new access key id.'), secretKeyStdin },
  notes: `The new key must be of the same AWS account; policies go on with it.\n${secretKeyNotes}`,
  examples: ['cpm account rotate production --access-key-id AKIAI44QH8DHBEXAMPLE'],
  run: async ({ api, args, options, io, print }) => {
    const { id } = await findAccount(api, args.account);
    const secretAccessKey = await askAwsSecret(io, options.secretKeyStdin);
    const body = { accessKeyId: options.accessKeyId, secretAccessKey };
    printAccount(print, await api('PATCH /accounts/:accountId', { params: { accountId: id }, body }));
  },
});
