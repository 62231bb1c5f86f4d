import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@cpm/contract';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, expectFitsPhone, keepPicture, watchRefusals } from './support/looks.ts';
import { addAccount, addTargets, enter, until } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;
let call: Client;
let policyId: string;
let refusals: () => readonly string[];

/** Puts a script of root's policies where the server looks for it. */
function writeScript(name: string, lines: readonly string[]): void {
  const directory = join(server.dataDir, 'scripts');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), `${['#!/bin/sh', ...lines].join('\n')}\n`);
  chmodSync(join(directory, name), 0o755);
}

test.beforeAll(async ({ browser }) => {
  server = await startConsoleServer();
  page = await (await browser.newContext({ baseURL: server.url })).newPage();
  refusals = watchRefusals(page);
  call = await enter(page, server);
  const accountId = await addAccount(call);
  const { id: scheduleId } = await call('POST /schedules', {
    body: {
      name: 'each minute',
      repeat: { every: 1, unit: 'minutes' },
      startLocal: '2026-01-01T00:00',
      zone: 'UTC',
    },
  });
  await call('POST /policies', { body: { name: 'empty', accountId, scheduleIds: [scheduleId] } });
  ({ id: policyId } = await call('POST /policies', { body: { name: 'orders', accountId, generations: 2 } }));
  await addTargets(call, { policyId, accountId, kind: 'instance', fits: /^web-1$/ });
  writeScript('before_orders.sh', ['echo "the application is at rest" >&2']);
  writeScript('after_orders.sh', ['echo "told $1" >&2', '[ "$1" = 1 ]']);
});
test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});
test.afterEach(() => expect(refusals()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const dialog = () => page.getByRole('dialog');
const field = (name: string) => page.getByRole('textbox', { name, exact: true });

test('Wrong retries, waits, time-outs and commands are refused beside their fields', async () => {
  await page.goto(`/policies/${policyId}/edit`);
  await field('Retries').fill('101');
  await field('Minutes between retries').fill('');
  await page.getByLabel('On the instances').check();
  await field('Seconds a script may run').fill('0');
  await expect(page.getByRole('combobox', { name: 'Instances' })).toBeVisible();
  await press('Save the policy');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('4 fields need correction');
  await expect(alert).toContainText('Retries: Must be a whole number from 0 to 100');
  await expect(alert).toContainText('Commands: Say what runs before, after or on completion');
  await expect(field('Retries')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page, 'policy options refused');
  await expectFitsPhone(page, 'policy options refused');
});

test('Commands for the instances are saved and shown step by step', async () => {
  await field('Retries').fill('1');
  await field('Minutes between retries').fill('1');
  await field('Seconds a script may run').fill('60');
  await field('Before the snapshots').fill('fsfreeze -f /data');
  await field('After the snapshots were started').fill('fsfreeze -u /data');
  await page.getByRole('combobox', { name: 'Instances' }).click();
  await page.getByRole('option', { name: /web-1/ }).click();
  await page.keyboard.press('Escape');
  await press('Save the policy');
  await expect(heading('orders')).toBeVisible();
  const scripts = page.getByRole('region', { name: 'Scripts', exact: true });
  await expect(scripts).toContainText('fsfreeze -f /data');
  await expect(scripts).toContainText(/i-[0-9a-f]+/);
  await expectAccessible(page, 'policy with commands');
});

test('Scripts on the server are listed with what stands in their way, and each runs as a test', async () => {
  await page.goto(`/policies/${policyId}/edit`);
  await page.getByLabel('On the CPM server').check();
  await page.getByLabel('Keep what they write to their standard error').check();
  await press('Save the policy');
  await expect(heading('orders')).toBeVisible();
  const table = page.getByRole('table', { name: 'Scripts' });
  await expect(table).toContainText('before_orders.sh');
  await expect(table.getByRole('row', { name: /When all is complete/ })).toContainText('Cannot run');
  await expectAccessible(page, 'policy with scripts');
  await expectFitsPhone(page, 'policy with scripts');
  await press('Test: after the snapshots were started');
  await dialog().getByLabel('0: the script before failed').check();
  await dialog().getByRole('button', { name: 'Run it now' }).click();
  await expect(dialog()).toContainText('It failed', { timeout: 30_000 });
  await expect(dialog()).toContainText('told 0');
  await dialog().getByLabel('1: the script before succeeded').check();
  await dialog().getByRole('button', { name: 'Run it again' }).click();
  await expect(dialog()).toContainText('It succeeded', { timeout: 30_000 });
  await expectAccessible(page, 'script tested');
  await dialog().getByRole('button', { name: 'Close' }).last().click();
});

test('What the policy would do is told by name, and does nothing', async () => {
  await page.getByRole('link', { name: 'What would this do' }).click();
  await expect(heading('What orders would do')).toBeVisible();
  const table = page.getByRole('table', { name: 'Calls to AWS' });
  await expect(table).toContainText('CreateSnapshots');
  await expect(table).toContainText('web-1');
  await expect(table).toContainText(/vol-[0-9a-f]+/);
  await expectAccessible(page, 'dry run');
  await expectFitsPhone(page, 'dry run');
  expect((await call('GET /backups', { query: { policyId } })).items).toEqual([]);
});

test('A backup whose script is missing shows each script with its output, its retry, and opens an alert', async () => {
  await press('Run now');
  await expect(heading('Backup of orders')).toBeVisible();
  const scripts = page.getByRole('table', { name: 'Scripts' });
  await expect(scripts).toContainText('the application is at rest', { timeout: 30_000 });
  await expect(page.getByText('Backup Partially Successful').first()).toBeVisible({ timeout: 60_000 });
  await expect(scripts.getByRole('row', { name: /After the snapshots/ })).toContainText('told 1');
  await expect(scripts.getByRole('row', { name: /When all is complete/ })).toContainText('Failed');
  await expect(page.getByText('Application stood still for')).toBeVisible();
  await expect(page.getByText(/It is tried again/)).toBeVisible();
  await expectAccessible(page, 'backup with scripts');
  await expectFitsPhone(page, 'backup with scripts');
  await page.getByRole('link', { name: 'Alerts: 1 open' }).click();
  await expect(heading('Alerts')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Alerts' })).toContainText('orders');
  await expectAccessible(page, 'alerts');
  await expectFitsPhone(page, 'alerts');
});

test('A policy that is clone of another has its settings and targets under a name of its own', async () => {
  await page.goto(`/policies/${policyId}`);
  await press('Clone');
  await dialog().getByLabel('Name').fill('orders');
  await dialog().getByRole('button', { name: 'Make the clone' }).click();
  await expect(dialog().getByRole('alert')).toBeVisible();
  await dialog().getByLabel('Name').fill('orders-again');
  await expectAccessible(page, 'clone a policy');
  await dialog().getByRole('button', { name: 'Make the clone' }).click();
  await expect(heading('orders-again')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Targets' })).toContainText('web-1');
  await expect(page.getByText('1, after 1 min')).toBeVisible();
});

test('A running backup is aborted after a question, and says by whom', async () => {
  writeScript('before_orders-again.sh', ['sleep 25']);
  await press('Run now');
  await expect(heading('Backup of orders-again')).toBeVisible();
  await press('Abort');
  await expect(dialog()).toContainText('It ends as failed and is not tried again');
  await expect(dialog().getByRole('button', { name: 'Let it run' })).toBeFocused();
  await expectAccessible(page, 'abort a backup');
  await dialog().getByRole('button', { name: 'Abort the backup' }).click();
  await expect(page.getByText('root asked to abort it')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Reasons' })).toContainText('aborted by root', { timeout: 60_000 });
  await expect(page.getByText(/It is tried again/)).toBeHidden();
  await keepPicture(page, 'aborted backup');
});

test('A firing that made no backup is listed with its reason, and makes the policy overdue', async () => {
  test.setTimeout(120_000);
  await until('the empty policy is overdue', async () => {
    const { items } = await call('GET /policies', { query: { name: 'empty' } });
    return items[0]?.overdue !== null;
  });
  await page.goto('/policies?find=overdue');
  const row = page.getByRole('row', { name: /empty/ });
  await expect(row).toContainText('Overdue');
  await expectAccessible(page, 'policies overdue');
  await row.getByRole('link', { name: 'empty' }).click();
  await expect(page.getByRole('table', { name: 'Skipped firings' }).getByRole('row').nth(1)).toBeVisible();
  await expectAccessible(page, 'skipped firings');
  await expectFitsPhone(page, 'skipped firings');
});

test('The retry is a backup of its own that leads to the one it tries again', async () => {
  test.setTimeout(150_000);
  await until('the retry has started', async () => {
    const { items } = await call('GET /backups', { query: { policyId } });
    return items.some(({ trigger }) => trigger === 'retry');
  });
  await page.goto(`/backups?policyId=${policyId}`);
  const table = page.getByRole('table', { name: 'Backups' });
  await expect(table).toContainText('Retry 1 of');
  await keepPicture(page, 'monitor with a retry');
  await table.getByRole('link', { name: 'an earlier backup' }).click();
  await expect(heading('Backup of orders')).toBeVisible();
  await expect(page.getByText('Run now').first()).toBeVisible();
});

test('The general settings are checked, saved and kept', async () => {
  await page.getByRole('button', { name: 'User root' }).click();
  await page.getByRole('menuitem', { name: 'General settings' }).click();
  await expect(heading('General settings')).toBeVisible();
  await page.getByLabel('Days to keep records of backups').fill('-1');
  await press('Save the settings');
  await expect(page.getByRole('alert')).toContainText('Must be a whole number of days');
  await page.getByLabel('Days to keep records of backups').fill('365');
  await page.getByLabel('Daily clean-up at').fill('03:30');
  await page.getByLabel('Catch up after an outage').check();
  await press('Save the settings');
  await expect(page.getByText('The settings are saved.')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Daily clean-up at')).toHaveValue('03:30');
  await expect(page.getByLabel('Catch up after an outage')).toBeChecked();
});
