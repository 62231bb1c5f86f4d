import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type Account, type Backup, type Client } from '@cpm/contract';
import type { RunningServer } from '@cpm/server';
import type { Estate } from '@cpm/simulator';
import { pinnedFetch } from '../pinned-fetch.ts';

const POLL_MS = 500;

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

export type Login = { readonly name: string; readonly password: string };

/** Claims the server, or signs in to one that an earlier start has claimed. */
export async function signIn(server: RunningServer, login: Login, claimSecret: string): Promise<Client> {
  const { send, cookie } = pinnedFetch(server.certificate);
  const headers = () => ({ cookie: cookie() });
  const call = createClient({ baseUrl: `https://127.0.0.1:${server.port}/api/v1`, fetch: send, headers });
  if (server.claimSecret === null) await call('POST /session', { body: login });
  else await call('POST /setup/claim', { body: { ...login, email: 'admin@example.com', secret: claimSecret } });
  return call;
}

/** Adds the first account of the estate by its first key. */
export async function addAccount(call: Client, name: string, estate: Estate): Promise<Account> {
  const [key] = estate.accounts[0]?.accessKeys ?? [];
  if (key === undefined) throw new Error('the estate has no access key');
  const { accessKeyId, secretAccessKey } = key;
  const account = await call('POST /accounts', { body: { name, accessKeyId, secretAccessKey } });
  say(`Account ${name}: AWS account ${account.awsAccountNumber} confirmed its keys`);
  return account;
}

/** Runs a policy and says every change of its status until it has ended. */
export async function runAndWatch(call: Client, policyId: string): Promise<Backup> {
  const { backupId } = await call('POST /policies/:policyId/run', { params: { policyId } });
  return untilEnded(call, backupId, say);
}

/** The backup once it has ended; `onStatus` hears every change of its status, two blanks in front. */
export async function untilEnded(
  call: Client,
  backupId: string,
  onStatus: (text: string) => void = () => {},
): Promise<Backup> {
  for (let shown = ''; ;) {
    const backup = await call('GET /backups/:backupId', { params: { backupId } });
    if (backup.statusText !== shown) onStatus(`  ${backup.statusText}`);
    shown = backup.statusText;
    if (backup.endedAt !== null) return backup;
    await delay(POLL_MS);
  }
}
