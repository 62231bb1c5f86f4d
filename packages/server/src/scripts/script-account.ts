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

type Facts = { readonly mode: number; readonly uid: number; readonly gid: number };

/** Whether the account may execute a file of these facts, or pass a directory; null: the server's own user. */
export function mayExecute({ mode, uid, gid }: Facts, account: ScriptAccount | null): boolean {
  const as = account ?? { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
  // The server's own further groups are not looked at: any right to execute will do then, the kernel has the last word.
  if (account === null) return as.uid === -1 || (mode & 0o111) !== 0;
  return (mode & (as.uid === uid ? 0o100 : as.gid === gid ? 0o010 : 0o001)) !== 0;
}
