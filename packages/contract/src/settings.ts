import { z } from 'zod';
import { route } from './route.ts';

const generalSettings = z
  .object({
    serverZone: z.string().meta({ description: "The server's time zone: the one the times here are in." }),
    cleanupTime: z.string().meta({
      description: 'When retention looks through all policies each day, HH:MM by the clocks of the server zone.',
    }),
    keepRecordDays: z.number().meta({
      description:
        'How many days, from its start, the record of a backup is kept at least after its snapshots are deleted. The file conf/num_days_to_keep_backup_records in the data directory holds it.',
    }),
    catchUpMissed: z.boolean().meta({
      description: 'After an outage each policy that missed firings runs once at the start, not at its next time.',
    }),
    reconcileEveryHours: z.number().meta({ description: 'How often the records are compared with what AWS has.' }),
  })
  .meta({ id: 'Settings' });

export const settings = {
  show: route({
    id: 'showSettings',
    method: 'GET',
    path: '/settings',
    summary: 'The general settings of this server.',
    access: 'settings.read',
    ok: { status: 200, schema: generalSettings },
  }),
  update: route({
    id: 'changeSettings',
    method: 'PATCH',
    path: '/settings',
    summary: 'Changes general settings; what is not named stays.',
    access: 'settings.update',
    body: z.strictObject({
      cleanupTime: z.string().max(20).optional(),
      keepRecordDays: z.number().optional(),
      catchUpMissed: z.boolean().optional(),
      reconcileEveryHours: z.number().optional(),
    }),
    ok: { status: 200, schema: generalSettings },
    errors: ['data_unwritable'],
  }),
};
export type Settings = z.output<typeof generalSettings>;
