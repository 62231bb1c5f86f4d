import { SCRIPT_STEPS } from '@cpm/core';
import { z } from 'zod';
import { id, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const params = z.object({ policyId: id });

export const dryRun = z
  .object({
    calls: z.array(
      z.object({
        action: z.string().meta({ examples: ['CreateSnapshots'] }),
        region: z.string(),
        resourceId: z.string(),
        resourceName: z.string(),
        volumes: z.array(z.string()),
      }),
    ),
    snapshots: z.number().meta({ description: 'How many snapshots these calls make.' }),
    scripts: z.array(z.object({ step: z.enum(SCRIPT_STEPS), text: z.string() })),
    missing: z.array(z.string()).meta({ description: 'What could not be backed up now, and why.' }),
    notes: z.array(z.string()),
    deletions: z
      .array(z.object({ backupId: id, startedAt: time, reason: z.string(), snapshots: z.number() }))
      .meta({ description: 'What retention would delete after a good backup.' }),
  })
  .meta({ id: 'DryRun' });

export const skippedFiring = z
  .object({ dueAt: time, recordedAt: time, reason: z.string() })
  .meta({ id: 'SkippedFiring' });

/** What a policy's next backup would do, and which of its firings made none. */
export const policyWork = {
  dryRun: route({
    id: 'dryRunPolicy',
    method: 'GET',
    path: '/policies/:policyId/dry-run',
    summary: 'What a backup would do now: AWS calls, scripts, and what retention would delete. Nothing is changed.',
    access: 'policy.read',
    params,
    ok: { status: 200, schema: dryRun },
  }),
  skippedFirings: route({
    id: 'listSkippedFirings',
    method: 'GET',
    path: '/policies/:policyId/skipped-firings',
    summary: 'Firings that made no backup, with the reason; newest first.',
    access: 'policy.read',
    params,
    query: pageQuery,
    ok: { status: 200, schema: pageOf(skippedFiring) },
  }),
};
export type DryRun = z.output<typeof dryRun>;
export type SkippedFiring = z.output<typeof skippedFiring>;
