import type { api, Settings } from '@cpm/contract';
import { refuseIfAny, validateSettings } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { keepRecordDays, saveKeepRecordDays } from './record-days.ts';
import { findSettings, saveSettings } from './settings.store.ts';

/** The general settings, root's alone (CON-3). */
export function settingsRoutes(context: ServerContext): Handlers<typeof api.settings> {
  const { db, serverZone } = context;
  const show = async (): Promise<Settings> => ({
    serverZone,
    ...(await findSettings(db)),
    keepRecordDays: await keepRecordDays(context),
  });
  return {
    show,

    async update({ body }) {
      refuseIfAny(validateSettings(body));
      const { keepRecordDays: days, ...others } = body;
      if (days !== undefined) await saveKeepRecordDays(context, days);
      await db.transaction().execute((tx) => saveSettings(tx, others));
      return show();
    },
  };
}
