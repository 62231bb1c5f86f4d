import { z } from 'zod';
import { recoveryObjectKind, recoveryParams } from './recovery.ts';
import { route } from './route.ts';

/** An original and what was made of it, side by side, read from AWS now. */
export const recoveryComparison = z
  .object({
    items: z.array(
      z.object({
        kind: recoveryObjectKind,
        original: z.string(),
        recovered: z.string(),
        fields: z.array(
          z.object({
            field: z.string(),
            original: z.string(),
            recovered: z.string(),
            verdict: z
              .enum(['same', 'as-asked', 'different', 'unknown'])
              .meta({ description: 'as-asked: it differs because the recovery was asked for it.' }),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'RecoveryComparison' });

export const compareRecovery = route({
  id: 'compareRecovery',
  method: 'GET',
  path: '/recoveries/:recoveryId/comparison',
  summary: 'What was made beside what it was made of, field by field, as AWS has it now.',
  access: 'recovery.read',
  params: recoveryParams,
  ok: { status: 200, schema: recoveryComparison },
  errors: ['conflict_still_running', 'aws_denied', 'aws_unavailable', 'aws_throttled', 'aws_credentials_refused'],
});

export type RecoveryComparison = z.output<typeof recoveryComparison>;
