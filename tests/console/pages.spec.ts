import { gzipSync } from 'node:zlib';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, expectFitsPhone, watchRefusals } from './support/looks.ts';
import { enter, fill, LOGIN } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;
const gzippedLength = (script: Buffer): number => gzipSync(script).length;

let refusals: () => readonly string[];

test.beforeAll(async ({ browser }) => {
  server = await startConsoleServer();
  page = await (await browser.newContext({ baseURL: server.url })).newPage();
  refusals = watchRefusals(page);
});
test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});
test.afterEach(() => expect(refusals()).toEqual([]));

/** Opens a page, waits until its data is there, and looks at it in light, in dark and on a phone. */
async function look(address: string, heading: string | RegExp, what: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
  await expectAccessible(page, what);
  await expectFitsPhone(page, what);
}

test('A server that nobody has claimed leads every address to its claim page', async () => {
  await look('/policies', 'Claim this server', 'claim');
  expect(new URL(page.url()).pathname).toBe('/claim');
});

test('The sign-in page is accessible and fits a phone', async ({ browser }) => {
  const other = await browser.newPage({ baseURL: server.url });
  await enter(other, server);
  await other.close();
  await look('/sign-in', 'Sign in', 'sign-in');
});

test('Every room is accessible and fits a phone while it is empty', async () => {
  test.setTimeout(240_000);
  await enter(page, server);
  await look('/', 'Backup Monitor', 'empty monitor');
  await look('/policies', 'Policies', 'empty policies');
  await look('/policies/new', 'New policy', 'empty policy form');
  await look('/schedules', 'Schedules', 'empty schedules');
  await look('/schedules/new', 'New schedule', 'empty schedule form');
  await look('/accounts', 'AWS Accounts', 'empty accounts');
  await look('/accounts/new', 'Add an AWS account', 'empty account form');
  await look('/freezer', 'Freezer', 'empty freezer');
  await look('/recoveries', 'Recoveries', 'empty recoveries');
  await look('/alerts', 'Alerts', 'no alert open');
  await look('/alerts?state=all', 'Alerts', 'empty alerts');
  await look('/deletions', 'Deletions', 'empty deletions');
  await look('/reconciliation', 'Comparison with AWS', 'empty comparison');
  await look('/settings', 'General settings', 'settings');
  await look('/tokens', 'API tokens', 'empty tokens');
});

test('Every room is accessible and fits a phone while it is full', async () => {
  test.setTimeout(300_000);
  const call = await enter(page, server);
  const { policyId, backupId, recoveryId, accountId, scheduleId } = await fill(call);
  const { items } = await call('GET /backups/:backupId/resources', { params: { backupId } });
  const resourceId = items[0]?.id ?? '';
  await look('/backups', 'Backup Monitor', 'monitor');
  await look(`/backups/${backupId}`, 'Backup of web-servers', 'backup');
  await look(
    `/backups/${backupId}/recover-volumes/${resourceId}`,
    `Recover volumes of ${items[0]?.resourceName}`,
    'recover volumes',
  );
  await look(
    `/backups/${backupId}/recover-instance/${resourceId}`,
    `Recover the instance ${items[0]?.resourceName}`,
    'recover instance',
  );
  await look('/policies', 'Policies', 'policies');
  await look(`/policies/${policyId}`, 'web-servers', 'policy');
  await look(`/policies/${policyId}/edit`, 'Edit web-servers', 'policy form');
  await look(`/policies/${policyId}/add-targets?region=us-east-1`, 'Add targets to web-servers', 'target picker');
  await look(`/policies/${policyId}/dry-run`, 'What web-servers would do', 'what it would do');
  await look(`/policies/${policyId}/retention`, 'What is kept of web-servers', 'what is kept');
  await look('/schedules', 'Schedules', 'schedules');
  await look(`/schedules/${scheduleId}`, 'nightly', 'schedule form');
  await look('/accounts', 'AWS Accounts', 'accounts');
  await look(`/accounts/${accountId}`, 'acme-production', 'account form');
  await look('/recoveries', 'Recoveries', 'recoveries');
  await look(`/recoveries/${recoveryId}`, /^Recovery of volumes: web-1 /, 'recovery');
  await look('/tokens', 'API tokens', 'tokens');
});

test('An address that is no page, and a thing that does not exist, are told honestly', async () => {
  await enter(page, server);
  await look('/no-such-page', 'Not found', 'not found');
  await look('/policies/00000000-0000-4000-8000-000000000000', 'Not found', 'no such policy');
});

test('Nothing is loaded from anywhere but the server, and the first load is at most 250 kB of script', async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: server.url });
  const fresh = await context.newPage();
  await enter(fresh, server);
  const foreign: string[] = [];
  const scripts: Promise<Buffer>[] = [];
  fresh.on('request', (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url());
  });
  fresh.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.body());
  });
  await fresh.goto('/');
  await expect(fresh.getByRole('heading', { level: 1, name: 'Backup Monitor' })).toBeVisible();
  await fresh.waitForLoadState('networkidle');
  const scriptBytes = (await Promise.all(scripts)).reduce((sum, script) => sum + gzippedLength(script), 0);
  expect(foreign).toEqual([]);
  expect(scriptBytes).toBeGreaterThan(50_000);
  expect(scriptBytes).toBeLessThanOrEqual(250_000);
  await context.close();
});

test('Whoever is not signed in comes to the page asked for after signing in', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const fresh = await context.newPage();
  await fresh.goto('/schedules?find=nightly');
  await fresh.getByLabel('User name').fill(LOGIN.name);
  await fresh.getByRole('textbox', { name: 'Password' }).fill('wrong password');
  await fresh.getByRole('button', { name: 'Sign in' }).click();
  await expect(fresh.getByRole('alert')).toContainText('The user name or the password is wrong');
  await fresh.getByRole('textbox', { name: 'Password' }).fill(LOGIN.password);
  await fresh.getByRole('button', { name: 'Sign in' }).click();
  await expect(fresh.getByRole('heading', { level: 1, name: 'Schedules' })).toBeVisible();
  expect(new URL(fresh.url()).search).toBe('?find=nightly');
  await context.close();
});
