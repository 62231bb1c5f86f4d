import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, keepPicture, watchRefusals } from './support/looks.ts';
import { apiOf, LOGIN } from './support/person.ts';
import { KEYS, startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;
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

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const follow = (name: string) => page.getByRole('link', { name, exact: true }).first().click();

test('The claim secret makes the first user, who lands on the first steps', async () => {
  await page.goto('/');
  await expect(heading('Claim this server')).toBeVisible();
  await page.getByLabel('E-mail').fill('root@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill(LOGIN.password);
  await page.getByLabel('Claim secret').fill('a guess');
  await press('Claim and sign in');
  await expect(page.getByRole('alert')).toContainText('The claim secret is wrong');
  await page.getByLabel('Claim secret').fill(server.claimSecret);
  await press('Claim and sign in');
  await expect(heading('Backup Monitor')).toBeVisible();
  await expect(page.getByText('0 of 5 done')).toBeVisible();
});

test('Wrong AWS keys are refused with what AWS says, and nothing is stored', async () => {
  await follow('Add an account');
  await press('Verify and add');
  await expect(page.getByRole('alert')).toContainText('3 fields need correction');
  await page.getByLabel('Name').fill('acme-production');
  await page.getByLabel('Access key id').fill(KEYS.production.accessKeyId);
  await page.getByRole('textbox', { name: 'Secret access key' }).fill('this-is-not-the-secret-key-of-acme');
  await press('Verify and add');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('AWS refused the credentials');
  await expect(alert).toContainText('SignatureDoesNotMatch');
  await expect(alert).toContainText('GetCallerIdentity');
  await expect(alert).toContainText('AWS request id');
  await expectAccessible(page, 'account refused');
  expect((await apiOf(page, server)('GET /accounts', {})).items).toEqual([]);
});

test('The right keys add the account', async () => {
  await page.getByRole('textbox', { name: 'Secret access key' }).fill(KEYS.production.secretAccessKey);
  await press('Verify and add');
  await expect(heading('AWS Accounts')).toBeVisible();
  const row = page.getByRole('row', { name: /acme-production/ });
  await expect(row).toContainText('111122223333');
  await expect(page.locator('body')).not.toContainText(KEYS.production.secretAccessKey);
  await press('Verify acme-production');
  await expect(page.getByText(/AWS takes the key of acme-production/)).toBeVisible();
});

test('A schedule tells its rule and its next firings while it is typed, in both zones', async () => {
  await follow('Schedules');
  await follow('New schedule');
  await page.getByLabel('Name').fill('nightly');
  const preview = page.getByRole('region', { name: 'What this schedule does' });
  await expect(preview).toContainText('Every day at 02:00 (Europe/Berlin)');
  await expect(preview.getByRole('listitem')).toHaveCount(10);
  await expect(preview.getByRole('listitem').first()).toContainText('for you');
  await page.getByLabel('Repeat every').fill('2');
  await page.getByLabel('Unit').selectOption('weeks');
  await expect(preview).toContainText('Every 2 weeks on');
  await page.getByLabel('Unit').selectOption('days');
  await page
    .getByLabel(/^Start/)
    .first()
    .fill('2027-03-27T02:30');
  await page.getByLabel('Repeat every').fill('1');
  await expect(preview).toContainText('clocks go forward over 02:30');
  await keepPicture(page, 'schedule over a clock change');
});

test('A schedule that can never fire says so before it is saved, and an end before the start is refused', async () => {
  const preview = page.getByRole('region', { name: 'What this schedule does' });
  await press('Add a disabled time');
  await page.getByRole('group', { name: 'Disabled time 1' }).getByLabel('Start').fill('00:00');
  await page.getByRole('group', { name: 'Disabled time 1' }).getByLabel('Finish').fill('24:00');
  await expect(preview).toContainText('This schedule never fires');
  await expectAccessible(page, 'schedule never fires');
  await press('Remove disabled time 1');
  await page.getByLabel('End').fill('2026-01-01T00:00');
  await press('Make the schedule');
  await expect(page.getByRole('alert')).toContainText('Must be after the start');
  await expectAccessible(page, 'schedule refused');
  await page.getByLabel('End').fill('');
  await press('Make the schedule');
  await expect(heading('Schedules')).toBeVisible();
  await expect(page.getByRole('row', { name: /nightly/ })).toContainText('Every day at 02:30');
});

test('A policy with a bad name is refused beside the field; a good one leads on to its targets', async () => {
  await follow('Policies');
  await follow('New policy');
  await page.getByLabel('Name').fill('../etc; rm -rf');
  await page
    .getByRole('combobox', { name: 'Account' })
    .or(page.getByRole('textbox', { name: 'Account' }))
    .first()
    .click();
  await page.getByRole('option', { name: /acme-production/ }).click();
  await press('Make the policy');
  await expect(page.getByRole('alert')).toContainText('1 to 64 letters');
  await page.getByLabel('Name').fill('web-servers');
  await page
    .getByRole('combobox', { name: 'Schedules' })
    .or(page.getByRole('textbox', { name: 'Schedules' }))
    .first()
    .click();
  await page.getByRole('option', { name: /nightly/ }).click();
  await page.keyboard.press('Escape');
  await press('Make the policy');
  await expect(heading('Add targets to web-servers')).toBeVisible();
});

test('Targets are picked many at once without leaving the page, with the volumes of each instance', async () => {
  await page
    .getByRole('combobox', { name: /Region of/ })
    .or(page.getByRole('textbox', { name: /Region of/ }))
    .first()
    .click();
  await page.getByRole('option', { name: 'us-east-1' }).click();
  await page.getByLabel('Find by name, id or tag').fill('Stage=production web');
  await expect(page.getByRole('row')).toHaveCount(3);
  await page.getByLabel('Choose web-1').check();
  await page.getByLabel('Choose web-2').check();
  await page.getByRole('button', { name: 'All volumes of web-2: choose' }).click();
  await page.getByLabel('Only these').check();
  await page
    .getByRole('dialog')
    .getByLabel(/\/dev\/sdf/)
    .uncheck();
  await expectAccessible(page, 'volumes of an instance');
  await press('OK');
  await expect(page.getByRole('button', { name: '1 volume of web-2: choose' })).toBeVisible();
  await press('Add 2 targets');
  await expect(page.getByText('2 added. Choose more, or go on.')).toBeVisible();
  await expect(page.getByText(/2 in it already/)).toBeVisible();
  await page.getByLabel('Clear the search').click();
  await page.getByText('Volumes', { exact: true }).click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.getByRole('checkbox').first().check();
  await press('Add the target');
  await expect(page.getByText('1 added. Choose more, or go on.')).toBeVisible();
  await follow('Done');
  await expect(page.getByRole('table', { name: 'Targets' }).getByRole('row')).toHaveCount(4);
});

test('A run is watched live until it is successful, on its own page and in the monitor', async () => {
  await press('Run now');
  await expect(heading('Backup of web-servers')).toBeVisible();
  await expect(page.getByRole('progressbar', { name: 'Progress of the backup' })).toBeVisible();
  await expectAccessible(page, 'backup running');
  await follow('Backup Monitor');
  await expect(page.getByRole('table', { name: 'Backups' })).toContainText('web-servers');
  await keepPicture(page, 'monitor running');
  await expect(page.getByRole('table', { name: 'Backups' }).getByText('Backup Successful')).toBeVisible({
    timeout: 60_000,
  });
  await follow('Backup Successful');
  await expect(page.getByText('Recoverable').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Log lines' })).toContainText('Backup Successful');
});

test('The log is filtered by level, searched and downloaded', async () => {
  await page.getByLabel('Level').selectOption('error');
  await expect(page.getByText('No line matches.')).toBeVisible();
  await page.getByLabel('Level').selectOption('info');
  await page.getByLabel('Find in the log').fill('successful');
  await expect(page.getByRole('region', { name: 'Log lines' }).locator('time')).toHaveCount(1);
  await page.getByLabel('Find in the log').fill('');
  const [download] = await Promise.all([page.waitForEvent('download'), press('Download')]);
  expect(download.suggestedFilename()).toMatch(/^backup-web-servers-.*\.log$/);
});

test('A volume recovery with a size below the snapshot and a busy device is refused before anything is made', async () => {
  await page.getByRole('main').getByRole('link', { name: 'Recover', exact: true }).click();
  await page.getByRole('link', { name: 'Volumes only: web-1' }).click();
  await expect(heading('Recover volumes of web-1')).toBeVisible();
  await page.getByRole('checkbox', { name: /\/dev\/xvda/ }).uncheck();
  await page.getByLabel('Size in GiB').fill('1');
  await page.getByRole('combobox', { name: 'Attach to' }).click();
  await page.getByRole('option', { name: /web-1/ }).click();
  await expect(page.getByLabel('Device', { exact: true })).toHaveValue('/dev/sdg');
  await page.getByLabel('Device', { exact: true }).fill('/dev/sdf');
  await press('Check');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('2 fields need correction');
  await expect(alert).toContainText('at least 50 GiB');
  await expect(alert).toContainText('/dev/sdf of i-0acce000000000001 is taken');
  await expectAccessible(page, 'recovery refused');
});

test('The recovered volume is shown live with its id, and listed', async () => {
  await page.getByLabel('Size in GiB').fill('60');
  await page.getByLabel('Device', { exact: true }).fill('/dev/sdg');
  await press('Check');
  await press('Recover the volume');
  await expect(heading(/^Recovery of/)).toBeVisible();
  const made = page.getByRole('table', { name: 'Made objects' });
  await expect(made).toContainText(/vol-[0-9a-f]{8,17}/, { timeout: 30_000 });
  await expect(page.getByText('Recovery Successful').first()).toBeVisible({ timeout: 60_000 });
  await keepPicture(page, 'recovery of a volume');
  await follow('Recoveries');
  await expect(page.getByRole('table', { name: 'Recoveries' }).getByRole('row')).toHaveCount(2);
});

test('An instance is recovered as it was', async () => {
  await follow('Backup Monitor');
  await follow('Backup Successful');
  await page.getByRole('main').getByRole('link', { name: 'Recover', exact: true }).click();
  await page.getByRole('link', { name: 'Instance: web-1' }).click();
  await expect(heading('Recover the instance web-1')).toBeVisible();
  await press('Check');
  await press('Recover the instance');
  await expect(page.getByRole('table', { name: 'Made objects' })).toContainText(/i-[0-9a-f]{17}/, { timeout: 45_000 });
  await expect(page.getByText('Recovery Successful').first()).toBeVisible({ timeout: 60_000 });
  await keepPicture(page, 'recovery of an instance');
});

test('An API token is shown once and never again', async () => {
  await press('User root');
  await page.getByRole('menuitem', { name: 'API tokens' }).click();
  await press('New token');
  await page.getByLabel('Name').fill('command line');
  await press('Make the token');
  const secret = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
  expect(secret.length).toBeGreaterThan(20);
  await expectAccessible(page, 'token shown once');
  await press('I have copied it');
  await expect(page.getByRole('row', { name: /command line/ })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('row', { name: /command line/ })).toBeVisible();
  await expect(page.locator('body')).not.toContainText(secret);
});

test('The monitor keeps its filters in its address, and tells zero matches from none at all', async () => {
  await page.goto('/backups?status=failed');
  await expect(page.getByText('No backup matches')).toBeVisible();
  await press('Clear the filters');
  await expect(page.getByRole('table', { name: 'Backups' })).toContainText('web-servers');
  await page.getByRole('button', { name: 'Policy', exact: true }).click();
  await expect(page.getByRole('columnheader', { name: 'Policy' })).toHaveAttribute('aria-sort', 'ascending');
  expect(new URL(page.url()).searchParams.get('sort')).toBe('policy');
  await page.goBack();
  await expect(page.getByRole('columnheader', { name: 'Start', exact: true })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
});

test('Deleting a policy asks for its name and says how many backups go', async () => {
  await follow('Policies');
  await expect(heading('Policies')).toBeVisible();
  await follow('web-servers');
  await expect(heading('web-servers')).toBeVisible();
  await press('Delete');
  const dialog = page.getByRole('dialog');
  const act = dialog.getByRole('button', { name: 'Delete the policy and 1 backup' });
  await expect(act).toBeDisabled();
  await expect(dialog.getByRole('button', { name: 'Keep' })).toBeFocused();
  await expectAccessible(page, 'delete a policy');
  await dialog.getByLabel(/Type web-servers/).fill('web-servers');
  await act.click();
  await expect(heading('Policies')).toBeVisible();
  await expect(page.getByText('No policy yet')).toBeVisible();
});
