import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './support/looks.ts';
import { enter, fill, LOGIN } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;

test.beforeAll(async ({ browser }) => {
  server = await startConsoleServer();
  const context = await browser.newContext({ baseURL: server.url });
  await fill(await enter(await context.newPage(), server));
  await context.close();
});
test.afterAll(() => server.stop());
test.beforeEach(async ({ browser }) => {
  page = await (await browser.newContext({ baseURL: server.url })).newPage();
  await enter(page, server);
});
test.afterEach(() => page.context().close());

test('A lost connection is told while it lasts, and what changed meanwhile is read when it is back', async () => {
  test.setTimeout(150_000);
  await page.goto('/policies');
  await expect(page.getByRole('row', { name: /web-servers/ })).toBeVisible();
  await expect(page.getByText('The connection to the server is lost.')).toBeHidden();
  await server.halt();
  await expect(page.getByText('The connection to the server is lost.')).toBeVisible();
  await expect(page.getByRole('row', { name: /web-servers/ })).toBeVisible();
  await expectAccessible(page, 'connection lost');
  await server.resume();
  await expect(page.getByText('The connection to the server is lost.')).toBeHidden({ timeout: 60_000 });
  await expect(page.getByRole('row', { name: /web-servers/ })).toBeVisible();
});

test('A list that cannot be read offers to try again', async () => {
  await page.route('**/api/v1/schedules?*', (route) => route.abort());
  await page.goto('/schedules');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The CPM server cannot be reached', { timeout: 30_000 });
  await expectAccessible(page, 'schedules in error');
  await page.unroute('**/api/v1/schedules?*');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('row', { name: /nightly/ })).toBeVisible();
});

test('A console that cannot reach its server at all says so, and comes up when it can', async () => {
  await page.route('**/api/v1/session', (route) => route.abort());
  await page.goto('/policies');
  await expect(page.getByRole('heading', { level: 1, name: 'This page could not be loaded' })).toBeVisible();
  await expectAccessible(page, 'console without server');
  await page.unroute('**/api/v1/session');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Policies' })).toBeVisible();
});

test('A session that has ended leads to the sign-in and back to the page', async () => {
  await page.goto('/schedules');
  await expect(page.getByRole('row', { name: /nightly/ })).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Policies', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.getByLabel('User name').fill(LOGIN.name);
  await page.getByRole('textbox', { name: 'Password' }).fill(LOGIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Policies' })).toBeVisible();
});

test('Signing out ends the session and shows nothing any more', async () => {
  await page.goto('/policies');
  await page.getByRole('button', { name: 'User root' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.goto('/policies');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});

test('Times follow the zone that the reader chooses', async () => {
  await page.goto('/backups');
  const start = page.getByRole('table', { name: 'Backups' }).locator('time').first();
  const inBerlin = await start.textContent();
  await page.getByRole('button', { name: /Times in Europe\/Berlin/ }).click();
  await page.getByRole('menuitem', { name: 'UTC' }).click();
  await expect(page.getByRole('button', { name: /Times in UTC/ })).toBeVisible();
  await expect(start).not.toHaveText(inBerlin ?? '');
  const at = await start.getAttribute('datetime');
  await expect(start).toHaveText((at ?? '').replace('T', ' ').slice(0, 19));
});
