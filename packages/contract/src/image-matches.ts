import { z } from 'zod';
import { id, region, time } from './common.ts';
import { recoveryErrors } from './recovery-starts.ts';
import { route } from './route.ts';

const match = z.enum(['exact', 'similar']);

/** AMI Assistant (REC-5): what the original image was, and which of today's are like it. */
export const imageMatches = z
  .object({
    original: z.object({
      imageId: z.string(),
      isThere: z.boolean().meta({ description: 'Whether AWS still shows it to this account.' }),
      details: z
        .record(z.string(), z.unknown())
        .nullable()
        .meta({ description: 'As recorded at the backup; null where it was gone by then.' }),
    }),
    items: z.array(
      z.object({
        imageId: z.string(),
        name: z.string(),
        description: z.string(),
        ownerId: z.string(),
        ownerAlias: z.string().nullable(),
        createdAt: time.nullable(),
        likenessPercent: z.number(),
        differences: z.array(z.object({ field: z.string(), original: z.string(), found: z.string() })),
      }),
    ),
  })
  .meta({ id: 'ImageMatches' });

export const findImages = route({
  id: 'findImages',
  method: 'GET',
  path: '/backups/:backupId/resources/:resourceId/images',
  summary: 'Which images of today are like the one that a backed-up instance was launched from.',
  access: 'backup.recover',
  params: z.object({ backupId: id, resourceId: id }),
  query: z.object({
    match: match
      .optional()
      .meta({ description: 'exact: alike in all; similar: versions and kin (exact unless told).' }),
    region: region.optional().meta({ description: 'Where to look; absent: where the instance was.' }),
  }),
  ok: { status: 200, schema: imageMatches },
  errors: [...recoveryErrors],
});

export type ImageMatches = z.output<typeof imageMatches>;
