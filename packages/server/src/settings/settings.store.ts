import { SETTINGS_DEFAULTS, type GeneralSettings, type SettingsChange } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What the database holds of the general settings; the days to keep records stand in their file (RET-4). */
export type StoredSettings = Omit<GeneralSettings, 'keepRecordDays'>;

const KEY = 'general';

/** The general settings, each with its default where nobody has set it. */
export async function findSettings(db: Kysely<Database>): Promise<StoredSettings> {
  const stored = (await findSetting(db, KEY)) as Partial<StoredSettings> | null;
  const { keepRecordDays: _, ...defaults } = SETTINGS_DEFAULTS;
  return { ...defaults, ...stored };
}

/** Writes the settings that are named; the others stay. */
export async function saveSettings(
  tx: Kysely<Database>,
  change: Omit<SettingsChange, 'keepRecordDays'>,
): Promise<StoredSettings> {
  const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const fresh = { ...(await findSettings(tx)), ...named };
  await saveSetting(tx, KEY, fresh);
  return fresh;
}

/** A stored value by its key; null where there is none. */
export async function findSetting(db: Kysely<Database>, key: string): Promise<unknown> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value ?? null;
}

export async function saveSetting(db: Kysely<Database>, key: string, value: unknown): Promise<void> {
  const fresh = { value: JSON.stringify(value) };
  await db
    .insertInto('settings')
    .values({ key, ...fresh })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(fresh))
    .execute();
}
