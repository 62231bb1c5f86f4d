import { createHash, randomUUID } from 'node:crypto';
import { cpmError, parseInstallationId, parseZone, type InstallationId, type Zone } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

export type Installation = { readonly installationId: InstallationId; readonly serverZone: Zone };

/**
 * Who this installation is: made at the first start, the same ever after, on whatever server its data runs. Throws
 * `bad_setting` when the master key is not the one its secrets were sealed with: nothing could be read.
 */
export async function loadInstallation(
  db: Kysely<Database>,
  { masterKey, timeZone }: { readonly masterKey: Buffer; readonly timeZone: string | null },
): Promise<Installation> {
  const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const id = await settingOr(db, 'installation_id', randomUUID());
  const zone = await settingOr(db, 'server_zone', timeZone ?? machineZone);
  const fingerprint = createHash('sha256').update('master key fingerprint').update(masterKey).digest('hex');
  if ((await settingOr(db, 'master_key_fingerprint', fingerprint)) !== fingerprint) {
    throw cpmError('bad_setting', {
      params: {
        name: 'the master key',
        why: 'keys/master.key in the data directory is not the one this database was set up with; put the right one there',
      },
    });
  }
  return { installationId: parseInstallationId(id), serverZone: parseZone(zone) };
}

/** The stored setting; where there is none yet, `fresh` is stored, and two servers starting at once agree on one. */
async function settingOr(db: Kysely<Database>, key: string, fresh: string): Promise<string> {
  await db
    .insertInto('settings')
    .values({ key, value: JSON.stringify(fresh) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirstOrThrow();
  return String(value);
}
