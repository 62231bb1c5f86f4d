import { createClient, type Client, type NewTarget } from '@cpm/contract';
import type { TargetKind } from '@cpm/core';
import type { Page } from '@playwright/test';
import { KEYS, type ConsoleServer } from './server.ts';

export const LOGIN = { name: 'root', password: 'correct horse battery staple' } as const;

/** The API as the page's own browser session reaches it. */
export function apiOf(page: Page, { url }: ConsoleServer): Client {
  const send = async (address: string, init: RequestInit): Promise<Response> => {
    const answer = await page.request.fetch(address, {
      method: init.method ?? 'GET',
      headers: { ...(init.headers as Record<string, string>), origin: url },
      ...(typeof init.body === 'string' ? { data: init.body } : {}),
    });
    return new Response(answer.status() === 204 ? null : await answer.text(), { status: answer.status() });
  };
  return createClient({ baseUrl: `${url}/api/v1`, fetch: send });
}

/** Claims the server, or signs in where it is claimed; without a page. */
export async function enter(page: Page, server: ConsoleServer): Promise<Client> {
  const call = apiOf(page, server);
  const { claimed } = await call('GET /setup', {});
  if (claimed) await call('POST /session', { body: LOGIN });
  else await call('POST /setup/claim', { body: { ...LOGIN, email: 'root@example.com', secret: server.claimSecret } });
  return call;
}

export const REGION = 'us-east-1';

/** Adds the estate's production account. */
export async function addAccount(call: Client): Promise<string> {
  const { id } = await call('POST /accounts', { body: { name: 'acme-production', ...KEYS.production } });
  return id;
}

/** Adds what a region has of a kind to a policy: all whose name fits. */
export async function addTargets(call: Client, { policyId, accountId, kind, fits }: WantedTargets): Promise<void> {
  const { items } = await call('GET /accounts/:accountId/regions/:region/resources', {
    params: { accountId, region: REGION },
    query: { kind },
  });
  const targets = items
    .filter(({ name, cannotBeTarget }) => fits.test(name) && cannotBeTarget === null)
    .map((one): NewTarget => ({ kind: one.kind, region: REGION, resourceId: one.id }));
  await call('POST /policies/:policyId/targets', { params: { policyId }, body: { targets } });
}
type WantedTargets = {
  readonly policyId: string;
  readonly accountId: string;
  readonly kind: TargetKind;
  readonly fits: RegExp;
};

/** Runs a policy and waits until its backup has ended. */
export async function runToEnd(call: Client, policyId: string): Promise<string> {
  const { backupId } = await call('POST /policies/:policyId/run', { params: { policyId } });
  await until(
    'the backup has ended',
    async () => (await call('GET /backups/:backupId', { params: { backupId } })).endedAt !== null,
  );
  return backupId;
}

/** What a full server holds: an account, schedules, policies, a backup that has ended, a recovery of it, a token. */
export async function fill(call: Client): Promise<{
  readonly policyId: string;
  readonly backupId: string;
  readonly recoveryId: string;
  readonly accountId: string;
  readonly scheduleId: string;
}> {
  const accountId = await addAccount(call);
  const nightly = await call('POST /schedules', {
    body: {
      name: 'nightly',
      repeat: { every: 1, unit: 'days' },
      startLocal: '2026-11-01T02:00',
      zone: 'Europe/Berlin',
    },
  });
  await call('POST /schedules', {
    body: {
      name: 'never',
      repeat: { every: 1, unit: 'weeks' },
      startLocal: '2026-11-02T02:00',
      zone: 'UTC',
      activeDays: ['tuesday'],
    },
  });
  const { id: policyId } = await call('POST /policies', {
    body: { name: 'web-servers', description: 'The shop', accountId, generations: 7, scheduleIds: [nightly.id] },
  });
  await call('POST /policies', { body: { name: 'databases', accountId, enabled: false } });
  await addTargets(call, { policyId, accountId, kind: 'instance', fits: /^web-/ });
  const backupId = await runToEnd(call, policyId);
  const recoveryId = await recoverFirstVolume(call, backupId);
  await call('POST /tokens', { body: { name: 'monitoring', expiresInDays: 90 } });
  return { policyId, backupId, recoveryId, accountId, scheduleId: nightly.id };
}

async function recoverFirstVolume(call: Client, backupId: string): Promise<string> {
  const { items } = await call('GET /backups/:backupId/resources', { params: { backupId } });
  const [resource] = items;
  const snapshotId = resource?.snapshots[0]?.id ?? '';
  const { id: recoveryId } = await call('POST /backups/:backupId/recoveries/volumes', {
    params: { backupId },
    body: { volumes: [{ snapshotId, zone: resource?.zone }] },
  });
  await until(
    'the recovery has ended',
    async () => (await call('GET /recoveries/:recoveryId', { params: { recoveryId } })).endedAt !== null,
  );
  return recoveryId;
}

const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 200;

/** Asks until it is so; fails after a minute. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((later) => setTimeout(later, ASK_EVERY_MS));
  }
}
