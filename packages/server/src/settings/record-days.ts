import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { cpmError, parseRecordDays, SETTINGS_DEFAULTS } from '@cpm/core';
import { closeAlert, raiseAlert } from '../alerts/alerts.store.ts';
import type { ServerContext } from '../context.ts';
import { syncDirectory } from '../db/launcher/files.ts';
import { findRootUser } from '../users/users.store.ts';
import { findSetting, saveSetting } from './settings.store.ts';

const FILE = 'num_days_to_keep_backup_records';
const KEY = 'record_days';
const ALERT = { category: 'system', subject: FILE } as const;
/** Nobody writes a number that long: reading stops there. */
const MOST_CHARACTERS = 200;

type Parts = Pick<ServerContext, 'db' | 'clock' | 'log' | 'dataDir'>;
/** What the file was found to hold: the last good number, and what is wrong with it now. */
type Seen = { readonly days: number; readonly fault: string | null };

/**
 * How many days records of backups are kept (RET-4): what the file in the data directory says, the default where there is
 * none. A file that cannot be used is told in the log and as an alert, and the last good number holds.
 */
export async function keepRecordDays(parts: Parts): Promise<number> {
  const last = ((await findSetting(parts.db, KEY)) ?? { days: SETTINGS_DEFAULTS.keepRecordDays, fault: null }) as Seen;
  const read = await readDays(fileIn(parts.dataDir));
  const seen = typeof read === 'number' ? { days: read, fault: null } : { days: last.days, fault: read.fault };
  if (seen.days !== last.days || seen.fault !== last.fault) await noteChange(parts, seen);
  return seen.days;
}

/** Writes the number to its file, so that it holds the old one or the new one at every moment; throws `data_unwritable`. */
export async function saveKeepRecordDays({ dataDir, log }: Parts, days: number): Promise<void> {
  const file = fileIn(dataDir);
  const directory = path.dirname(file);
  try {
    await mkdir(directory, { recursive: true });
    const fresh = `${file}.new`;
    const opened = await open(fresh, 'w', 0o644);
    try {
      await opened.writeFile(`${days}\n`);
      await opened.sync();
    } finally {
      await opened.close();
    }
    await rename(fresh, file);
    await syncDirectory(directory);
  } catch (error) {
    log.error({ err: error }, 'the number of days to keep records could not be written');
    throw cpmError('data_unwritable', { params: { directory }, cause: error });
  }
}

const fileIn = (dataDir: string): string => path.join(dataDir, 'conf', FILE);

async function readDays(file: string): Promise<number | { readonly fault: string }> {
  try {
    const text = (await readFile(file, 'utf8')).slice(0, MOST_CHARACTERS);
    return (
      parseRecordDays(text) ?? {
        fault: `it must hold a whole number of days, not ${JSON.stringify(text.trim().slice(0, 40))}`,
      }
    );
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? SETTINGS_DEFAULTS.keepRecordDays : { fault: `it cannot be read (${code})` };
  }
}

async function noteChange({ db, clock, log }: Parts, seen: Seen): Promise<void> {
  const text = `conf/${FILE} is not used: ${seen.fault}; ${seen.days} days hold, as before`;
  if (seen.fault !== null) log.warn(text);
  await db.transaction().execute(async (tx) => {
    await saveSetting(tx, KEY, seen);
    const root = await findRootUser(tx);
    if (root === null) return;
    const alert = { ...ALERT, ownerId: root, at: clock.now() };
    if (seen.fault === null) return closeAlert(tx, alert);
    const title = 'The number of days to keep records of backups cannot be used';
    const about = { policyId: null, accountId: null, backupId: null, severity: 'warning' as const };
    await raiseAlert(tx, { ...alert, ...about, title, message: text });
  });
}
