import { ALERT_CATEGORIES, ALERT_SEVERITIES } from '@cpm/core';
import { z } from 'zod';
import { id, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

export const alert = z
  .object({
    id,
    category: z.enum(ALERT_CATEGORIES),
    severity: z.enum(ALERT_SEVERITIES),
    title: z.string(),
    message: z.string(),
    policy: z.object({ id, name: z.string() }).nullable(),
    backupId: id.nullable(),
    openedAt: time,
    closedAt: time.nullable().meta({ description: 'When its cause was put right; null while it is open.' }),
  })
  .meta({ id: 'Alert' });

export const alerts = {
  list: route({
    id: 'listAlerts',
    method: 'GET',
    path: '/alerts',
    summary: 'What is wrong now, newest first.',
    access: 'alert.read',
    query: pageQuery.extend({
      state: z
        .enum(['open', 'all'])
        .optional()
        .meta({ description: 'Closed alerts too (open ones only unless told).' }),
    }),
    ok: { status: 200, schema: pageOf(alert) },
  }),
};
export type Alert = z.output<typeof alert>;
