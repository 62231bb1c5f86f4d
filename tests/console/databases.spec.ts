import type { Client } from '@cpm/contract';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, expectFitsPhone, watchRefusals } from './support/looks.ts';
import { addAccount, enter, REGION } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;
let call: Client;
let policyId: string;
let refusals: () => readonly string[];

test.beforeAll(async ({ browser }) => {
  server = await startConsoleServer();
  page = await (await browser.newContext({ baseURL: server.url })).newPage();
  refusals = watchRefusals(page);
  call = await enter(page, server);
  const accountId = await addAccount(call);
  ({ id: policyId } = await call('POST /policies', { body: { name: 'databases', accountId, generations: 200 } }));
});
test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});
test.afterEach(() => expect(refusals()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

test('Databases, database clusters and Redshift clusters are picked like instances', async () => {
  await page.goto(`/policies/${policyId}/add-targets?region=${REGION}`);
  await page.getByText('Databases', { exact: true }).click();
  const databases = page.getByRole('table', { name: `databases of ${REGION}` });
  await expect(databases.getByRole('row', { name: /acme-crm/ })).toContainText('mysql');
  await expect(databases.getByRole('row', { name: /acme-crm/ })).toContainText('Multi-AZ');
  await expect(databases.getByRole('row', { name: /acme-shop-1/ }).getByRole('checkbox')).toBeDisabled();
  await expectAccessible(page, 'picker of databases');
  await expectFitsPhone(page, 'picker of databases');
  await databases
    .getByRole('row', { name: /acme-billing/ })
    .getByRole('checkbox')
    .check();
  await page.getByText('Database clusters', { exact: true }).click();
  const clusters = page.getByRole('table', { name: `database clusters of ${REGION}` });
  await expect(clusters.getByRole('row', { name: /acme-shop/ })).toContainText('1 writer, 1 reader');
  await clusters
    .getByRole('row', { name: /acme-shop/ })
    .getByRole('checkbox')
    .check();
  await page.getByText('Redshift clusters', { exact: true }).click();
  const redshift = page.getByRole('table', { name: `Redshift clusters of ${REGION}` });
  await redshift
    .getByRole('row', { name: /acme-warehouse/ })
    .getByRole('checkbox')
    .check();
  await expectAccessible(page, 'picker of Redshift clusters');
  await page.getByRole('button', { name: 'Add 3 targets' }).click();
  await expect(page.getByText('3 added. Choose more, or go on.')).toBeVisible();
  await page.getByRole('link', { name: 'Done' }).first().click();
  const targets = page.getByRole('table', { name: 'Targets' });
  await expect(targets.getByRole('row', { name: /acme-shop/ })).toContainText('The whole cluster');
});

test('Generations that do not fit into the quotas of AWS are warned of on the policy', async () => {
  await expect(page.getByText(/quota (in|of) us-east-1 is \d+ manual snapshots/).first()).toBeVisible();
  await expectAccessible(page, 'policy with a quota warning');
  await expectFitsPhone(page, 'policy with a quota warning');
});

test('A backup shows its database snapshots by name with the configuration', async () => {
  test.setTimeout(180_000);
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(heading('Backup of databases')).toBeVisible();
  await expect(page.getByText('Backup Successful').first()).toBeVisible({ timeout: 120_000 });
  const cluster = page.getByRole('region', { name: /shop/ });
  await expect(cluster).toContainText(/cpm-databases-[0-9a-f-]+/);
  await cluster.getByText('Its configuration at that time').click();
  await expect(cluster).toContainText('aurora-postgresql');
  await expect(cluster).toContainText('acme-shop-1');
  await expectAccessible(page, 'backup of databases');
  await expectFitsPhone(page, 'backup of databases');
});

test('Databases and clusters are recovered from forms of their own, each as it was unless told', async () => {
  await page.getByRole('main').getByRole('link', { name: 'Recover', exact: true }).click();
  await page.getByRole('link', { name: /^Database: .*billing/ }).click();
  await expect(heading(/^Recover .*billing/)).toBeVisible();
  await expect(page.getByLabel('New identifier')).toHaveAttribute('placeholder', 'As backed up: acme-billing');
  await page.getByLabel('Multi-AZ').selectOption('yes');
  await expect(page.getByRole('combobox', { name: 'Zone' })).toBeDisabled();
  await page.getByLabel('New identifier').fill('1-is-no-letter');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('Must begin with a letter');
  await expectAccessible(page, 'database form refused');
  await expectFitsPhone(page, 'database form refused');
  await page.goBack();
  await page.getByRole('link', { name: /^Cluster: .*shop/ }).click();
  await expect(page.getByRole('group', { name: 'Member 1' }).getByLabel('Writer')).toHaveValue('acme-shop-1');
  await expectAccessible(page, 'database cluster form');
  await expectFitsPhone(page, 'database cluster form');
  await page.goBack();
  await page.getByRole('link', { name: /^Cluster: .*warehouse/ }).click();
  await expect(page.getByLabel('Nodes')).toBeVisible();
  await expectAccessible(page, 'Redshift cluster form');
  await expectFitsPhone(page, 'Redshift cluster form');
});
