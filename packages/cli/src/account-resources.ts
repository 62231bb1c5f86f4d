import { TARGET_KINDS } from '@cpm/core';
import { defineCommand, needed, oneOf } from './command.ts';
import { findAccount } from './input/find.ts';
import { resourceColumns } from './views/account.ts';

export const command = defineCommand({
  args: { account: 'name or id of the account' },
  options: {
    region: needed('--region <region>', 'The region.'),
    kind: oneOf('--kind <kind>', 'What to list (instance unless told).', TARGET_KINDS),
  },
  examples: [
    'cpm account resources production --region eu-central-1',
    'cpm account resources production --region eu-central-1 --kind volume --output json',
    'cpm account resources production --region eu-central-1 --kind database-cluster',
  ],
  run: async ({ api, args, options, print }) => {
    const { id } = await findAccount(api, args.account);
    const resources = await api('GET /accounts/:accountId/regions/:region/resources', {
      params: { accountId: id, region: options.region },
      query: { kind: options.kind ?? 'instance' },
    });
    print.page(resources, resourceColumns, (resource) => resource.id);
  },
});
