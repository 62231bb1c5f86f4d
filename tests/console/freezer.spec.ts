import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, expectFitsPhone, keepPicture, watchRefusals } from './support/looks.ts';
import { addAccount, addTargets, apiOf, enter, runToEnd } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;
let policyId: string;
let backupIds: readonly string[];
let refusals: () => readonly string[];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  server = await startConsoleServer();
  page = await (await browser.newContext({ baseURL: server.url })).newPage();
  refusals = watchRefusals(page);
  const call = await enter(page, server);
  const accountId = await addAccount(call);
  ({ id: policyId } = await call('POST /policies', { body: { name: 'archive', accountId, generations: 5 } }));
  await addTargets(call, { policyId, accountId, kind: 'volume', fits: /^shared-assets$/ });
  const first = await runToEnd(call, policyId);
  const second = await runToEnd(call, policyId);
  backupIds = [first, second, await runToEnd(call, policyId)];
});
test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});
test.afterEach(() => expect(refusals()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const dialog = () => page.getByRole('dialog');

test('The preview tries another number of generations and says what would be kept and deleted', async () => {
  await page.goto(`/policies/${policyId}`);
  await page.getByRole('link', { name: 'What is kept' }).click();
  await expect(heading('What is kept of archive')).toBeVisible();
  await expect(page.getByText('Nothing would be deleted.')).toBeVisible();
  await page.getByLabel('Generations to keep').fill('1');
  await expect(page.getByText('2 backups with 2 snapshots would be deleted.')).toBeVisible();
  await expect(page.getByRole('table', { name: 'What is kept' }).getByText('Would be deleted')).toHaveCount(2);
  expect(new URL(page.url()).searchParams.get('generations')).toBe('1');
  await expectAccessible(page, 'retention preview');
  await expectFitsPhone(page, 'retention preview');
});

test('A backup is frozen under a name, and shown so everywhere', async () => {
  await page.goto(`/backups/${backupIds[0]}`);
  await press('Freeze');
  await dialog().getByRole('button', { name: 'Freeze the backup' }).click();
  await expect(dialog().getByRole('alert')).toContainText('Give it a name');
  await dialog().getByLabel('Name').fill('before-the-move');
  await dialog().getByLabel('Description').fill('Last state in the old data centre');
  await expectAccessible(page, 'freeze a backup');
  await dialog().getByRole('button', { name: 'Freeze the backup' }).click();
  await expect(page.getByText('In the freezer as before-the-move, put there by root')).toBeVisible();
  await expectAccessible(page, 'frozen backup');
  await page.goto(`/backups/${backupIds[1]}`);
  await press('Freeze');
  await dialog().getByLabel('Name').fill('before-the-move');
  await dialog().getByRole('button', { name: 'Freeze the backup' }).click();
  await expect(dialog().getByRole('alert')).toBeVisible();
  await keepPicture(page, 'freezer name taken');
  await dialog().getByLabel('Name').fill('after-the-move');
  await dialog().getByRole('button', { name: 'Freeze the backup' }).click();
  await expect(page.getByText('In the freezer as after-the-move, put there by root')).toBeVisible();
});

test('The freezer is searched by name and description, and a frozen backup renamed', async () => {
  await page.getByRole('link', { name: 'Freezer', exact: true }).click();
  await expect(heading('Freezer')).toBeVisible();
  const table = page.getByRole('table', { name: 'Freezer' });
  await expect(table.getByRole('row')).toHaveCount(3);
  await expectAccessible(page, 'freezer');
  await expectFitsPhone(page, 'freezer');
  await page.getByLabel('Find by name or description').fill('old data centre');
  await expect(table.getByRole('row')).toHaveCount(2);
  await expect(table).toContainText('before-the-move');
  expect(new URL(page.url()).searchParams.get('find')).toBe('old data centre');
  await page.getByLabel('Find by name or description').fill('no such thing');
  await expect(page.getByText('No frozen backup matches “no such thing”')).toBeVisible();
  await press('Show the whole freezer');
  await expect(table.getByRole('row')).toHaveCount(3);
  await press('Rename after-the-move');
  await dialog().getByLabel('Name').fill('tax-2026');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await expect(table).toContainText('tax-2026');
});

test('Keeping fewer generations names what would go, and deletes it only when confirmed', async () => {
  test.setTimeout(150_000);
  const call = apiOf(page, server);
  await runToEnd(call, policyId);
  await page.goto(`/policies/${policyId}/edit`);
  await page.getByLabel('Generations to keep').fill('1');
  await press('Save the policy');
  await expect(dialog()).toContainText('1 backup with 1 snapshot');
  await expect(dialog().getByText(/snap-[0-9a-f]+/)).toHaveCount(1);
  await expectAccessible(page, 'fewer generations');
  await press('Change nothing');
  expect((await call('GET /policies/:policyId', { params: { policyId } })).generations).toBe(5);
  await press('Save the policy');
  await press('Save and delete 1 backup');
  await expect(heading('archive')).toBeVisible();
  expect((await call('GET /policies/:policyId', { params: { policyId } })).generations).toBe(1);
});

test('The deletions are listed while they happen, each with its reason, and narrowed down', async () => {
  test.setTimeout(150_000);
  await page.getByRole('button', { name: 'User root' }).click();
  await page.getByRole('menuitem', { name: 'Deletions' }).click();
  await expect(page.getByText('Nothing was deleted yet')).toBeVisible();
  await runToEnd(apiOf(page, server), policyId);
  await expect(page.getByRole('table', { name: 'Deletions' }).getByText('Deleted', { exact: true })).toHaveCount(2, {
    timeout: 60_000,
  });
  await expect(page.getByRole('table', { name: 'Deletions' })).toContainText('older than the newest generation');
  await expectAccessible(page, 'deletions');
  await expectFitsPhone(page, 'deletions');
  await page.getByLabel('State').selectOption('kept');
  await expect(page.getByText('No deletion matches')).toBeVisible();
});

test('Deleting a policy names what goes and says what stays in the freezer', async () => {
  await page.goto(`/policies/${policyId}`);
  await press('Delete');
  await expect(dialog()).toContainText('1 backup with 1 snapshot');
  await expect(dialog().getByText(/snap-[0-9a-f]+/)).toHaveCount(1);
  await expect(dialog()).toContainText('2 backups stay');
  await expectAccessible(page, 'delete a policy with frozen backups');
  await dialog()
    .getByLabel(/Type archive/)
    .fill('archive');
  await press('Delete the policy and 1 backup');
  await expect(heading('Policies')).toBeVisible();
  await page.getByRole('link', { name: 'Freezer', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Freezer' })).toContainText('archive (deleted)', { timeout: 30_000 });
  await page.getByRole('link', { name: 'Recover from tax-2026' }).click();
  await expect(page.getByRole('link', { name: /: shared-assets$/ })).toBeVisible();
});

test('A frozen backup is deleted by hand, after its name was typed and its snapshots were named', async () => {
  await page.goto('/freezer');
  await press('Delete tax-2026');
  await expect(dialog()).toContainText(/snap-[0-9a-f]+ of shared-assets/);
  const act = dialog().getByRole('button', { name: 'Delete the backup and 1 snapshot' });
  await expect(act).toBeDisabled();
  await expectAccessible(page, 'delete a frozen backup');
  await dialog()
    .getByLabel(/Type tax-2026/)
    .fill('tax-2026');
  await act.click();
  await expect(page.getByRole('table', { name: 'Freezer' }).getByRole('row')).toHaveCount(2);
  await page.goto(`/backups/${backupIds[0]}`);
  await press('Delete');
  await expect(dialog()).toContainText('Delete before-the-move?');
  await dialog()
    .getByLabel(/Type before-the-move/)
    .fill('before-the-move');
  await dialog().getByRole('button', { name: 'Delete the backup and 1 snapshot' }).click();
  await expect(page.getByText(/Deleted|Marked for deletion/).first()).toBeVisible({ timeout: 30_000 });
  await page.goto('/freezer');
  await expect(page.getByText('The freezer is empty')).toBeVisible();
});

test('AWS is compared with the records on request, account by account and region by region', async () => {
  await page.getByRole('button', { name: 'User root' }).click();
  await page.getByRole('menuitem', { name: 'Comparison with AWS' }).click();
  await expect(heading('Comparison with AWS')).toBeVisible();
  await press('Compare now');
  await expect(page.getByRole('table', { name: 'Last comparisons' }).getByText('Complete').first()).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText('No difference is open')).toBeVisible();
  await expectAccessible(page, 'comparison with AWS');
  await expectFitsPhone(page, 'comparison with AWS');
});
