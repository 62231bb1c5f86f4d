import type { ImageMatches } from '@cpm/contract';
import { defineCommand, flag, text } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseInstance } from './input/choose-snapshot.ts';
import { findBackup, readResources } from './input/find.ts';
import type { Column } from './terminal/print.ts';
import { formatTimeOrNone } from './terminal/time.ts';

type Match = ImageMatches['items'][number];

const columns: readonly Column<Match>[] = [
  ['LIKENESS', ({ likenessPercent }) => `${likenessPercent} %`],
  ['ID', ({ imageId }) => imageId],
  ['NAME', ({ name }) => name],
  ['OWNER', ({ ownerId, ownerAlias }) => (ownerAlias === null ? ownerId : `${ownerAlias} (${ownerId})`)],
  ['CREATED', ({ createdAt }) => formatTimeOrNone(createdAt)],
  ['DIFFERS IN', ({ differences }) => differences.map(({ field, found }) => `${field}: ${found}`).join('; ')],
];

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    instance: text('--instance <id>', 'AWS id or name of the backed-up instance; needed where there are several.'),
    similar: flag('--similar', 'Also kin: other offerings of the owner, and the like by others, with what differs.'),
    region: text('--region <region>', 'Where to look (where the instance was unless told).'),
  },
  notes: [
    'Finds images like the one that the instance was launched from, as recorded at the backup: the very same first, then',
    'its other versions, the youngest first.',
  ].join('\n'),
  examples: [
    'cpm recover find-image latest --policy web --instance web-1',
    'cpm recover find-image latest --policy web --instance web-1 --similar --region eu-west-1',
  ],
  run: async ({ api, args, options, print }) => {
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const { id: resourceId } = chooseInstance(await readResources(api, backupId), options.instance);
    const query = { match: options.similar ? ('similar' as const) : ('exact' as const), region: options.region };
    const found = await api('GET /backups/:backupId/resources/:resourceId/images', {
      params: { backupId, resourceId },
      query,
    });
    print.note(describeOriginal(found.original));
    print.page(found, columns, ({ imageId }) => imageId);
  },
});

function describeOriginal({ imageId, isThere, details }: ImageMatches['original']): string {
  const name = typeof details?.['name'] === 'string' ? ` (${details['name']})` : '';
  if (details === null) return `The image ${imageId} was gone when it was backed up: nothing is known to look for.`;
  return `It was launched from ${imageId}${name}, which AWS ${isThere ? 'still shows' : 'does not show any more'}.`;
}
