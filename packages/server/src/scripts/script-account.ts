import { readFile } from 'node:fs/promises';
import { cpmError } from '@cpm/core';

/** An account of the machine that scripts run as. */
export type ScriptAccount = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
};

/** What the guide's appliance calls the user that scripts run as (7.2.8); used wherever it exists. */
const USUAL_NAME = 'cpmuser';

/**
 * Whom scripts run as (SCR-5): `name` where the setting CPM_SCRIPT_USER gives one, else `cpmuser` if the machine has it; null: as
 * the server itself. Only a server that runs as root can run them as another. Throws `bad_setting`.
 */
export async function findScriptAccount(name: string | null): Promise<ScriptAccount | null> {
  const serverUid = process.geteuid?.() ?? -1;
  const account = await accountNamed(name ?? USUAL_NAME);
  if (name === null) return serverUid === 0 ? account : null;
  if (account === null) throw bad(`there is no user "${name}" on this machine`);
  if (account.uid === 0) throw bad('scripts must not run as root: name a user without rights');
  if (account.uid === serverUid) return null;
  if (serverUid !== 0) throw bad(`this server does not run as root, so its scripts run as the server's own user`);
  return account;
}

const bad = (why: string) => cpmError('bad_setting', { params: { name: 'CPM_SCRIPT_USER', why } });

async function accountNamed(wanted: string): Promise<ScriptAccount | null> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const line of lines) {
    const [name = '', , uid, gid, , home = '/'] = line.split(':');
    if (name === wanted) return { name, uid: Number(uid), gid: Number(gid), home };
  }
  return null;
}
