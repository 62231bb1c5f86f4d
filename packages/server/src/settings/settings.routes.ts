import type { api, Settings } from '@cpm/contract';
import { refuseIfAny, validateSettings } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { Handlers } from '../http/mount.ts';
import { keepRecordDays, saveKeepRecordDays } from './record-days.ts';
import { findSettings, saveSettings } from './settings.store.ts';

/** The general settings, root's alone (CON-3). `onChange` has the work that follows them look at the new ones. */
export function settingsRoutes(
  context: ServerContext,
  onChange: (tx: Transaction<Database>) => Promise<void>,
): Handlers<typeof api.settings> {
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
      await db.transaction().execute(async (tx) => {
        await saveSettings(tx, others);
        await onChange(tx);
      });
      return show();
    },
  };
}
