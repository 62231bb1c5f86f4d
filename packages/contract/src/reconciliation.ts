import { SNAPSHOT_SERVICES } from '@cpm/core';
import { z } from 'zod';
import { id, pageOf, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const accountName = z.object({ id, name: z.string() });

export const reconciliationRun = z
  .object({
    account: accountName,
    region: z.string(),
    startedAt: time,
    endedAt: time.nullable(),
    error: z.string().nullable().meta({ description: 'Why it could not be done; nothing was decided then.' }),
    snapshotsSeen: z.number(),
  })
  .meta({ id: 'ReconciliationRun' });

export const finding = z
  .object({
    id,
    account: accountName,
    region: z.string(),
    service: z.enum(SNAPSHOT_SERVICES),
    awsSnapshotId: z.string(),
    kind: z.enum(['adopted', 'leftover', 'unknown', 'vanished']),
    message: z.string(),
    backupId: id.nullable(),
    firstSeenAt: time,
    confirmedAt: time.nullable().meta({ description: 'When a second look, minutes later, saw it again.' }),
    resolvedAt: time.nullable(),
  })
  .meta({ id: 'ReconciliationFinding' });

/** The compare of AWS with CPM's records (BKP-6). */
export const reconciliation = {
  list: route({
    id: 'listReconciliations',
    method: 'GET',
    path: '/reconciliation',
    summary: 'The last compare of AWS with the records, for each account and region.',
    access: 'backup.read',
    ok: { status: 200, schema: z.object({ items: z.array(reconciliationRun) }) },
  }),
  findings: route({
    id: 'listFindings',
    method: 'GET',
    path: '/reconciliation/findings',
    summary: 'Where AWS and the records differed; newest first.',
    access: 'backup.read',
    query: pageQuery.extend({
      state: z.enum(['open', 'all']).optional().meta({ description: 'Settled ones too (open ones only unless told).' }),
    }),
    ok: { status: 200, schema: pageOf(finding) },
  }),
  run: route({
    id: 'runReconciliation',
    method: 'POST',
    path: '/reconciliation/run',
    summary: 'Compares all accounts with AWS now.',
    access: 'account.test',
    ok: { status: 202, schema: z.object({ started: z.number().meta({ description: 'Accounts and regions.' }) }) },
  }),
};
export type ReconciliationRun = z.output<typeof reconciliationRun>;
export type ReconciliationFinding = z.output<typeof finding>;
