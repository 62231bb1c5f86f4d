import { z } from 'zod';
import { logLine, logQuery } from './backups.ts';
import { id, pageOf, pageQuery } from './common.ts';
import { findImages } from './image-matches.ts';
import { compareRecovery } from './recovery-comparison.ts';
import { showPanel } from './recovery-panel.ts';
import { recoveryPoints } from './recovery-points.ts';
import { recoverySettlement } from './recovery-settlement.ts';
import { recoveryStarts } from './recovery-starts.ts';
import { recovery, recoveryParams } from './recovery.ts';
import { route } from './route.ts';

/** All about bringing something back; what belongs to one part of it stands in that part's file. */
export const recoveries = {
  panel: showPanel,
  ...recoveryStarts,
  images: findImages,
  ...recoveryPoints,
  list: route({
    id: 'listRecoveries',
    method: 'GET',
    path: '/recoveries',
    summary: 'The recoveries, newest first.',
    access: 'recovery.read',
    query: pageQuery.extend({ backupId: id.optional(), groupId: id.optional() }),
    ok: { status: 200, schema: pageOf(recovery) },
  }),
  show: route({
    id: 'showRecovery',
    method: 'GET',
    path: '/recoveries/:recoveryId',
    summary: 'One recovery with all it made.',
    access: 'recovery.read',
    params: recoveryParams,
    ok: { status: 200, schema: recovery },
  }),
  log: route({
    id: 'showRecoveryLog',
    method: 'GET',
    path: '/recoveries/:recoveryId/log',
    summary: 'The log of a recovery, also while it runs.',
    access: 'recovery.read',
    params: recoveryParams,
    query: logQuery,
    ok: { status: 200, schema: z.object({ items: z.array(logLine), ended: z.boolean() }) },
  }),
  compare: compareRecovery,
  ...recoverySettlement,
};
