import type { Client } from '@cpm/contract';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { expectAccessible, expectFitsPhone, keepPicture, watchRefusals } from './support/looks.ts';
import { addAccount, addTargets, enter, runToEnd, until } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

test.describe.configure({ mode: 'serial' });

let server: ConsoleServer;
let page: Page;
let call: Client;
let backupId: string;
let accountId: string;
let refusals: () => readonly string[];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  server = await startConsoleServer();
  page = await (await browser.newContext({ baseURL: server.url })).newPage();
  refusals = watchRefusals(page);
  call = await enter(page, server);
  accountId = await addAccount(call);
});
test.afterAll(async () => {
  await page.context().close();
  await server.stop();
});
test.afterEach(() => expect(refusals()).toEqual([]));

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const plan = () => page.getByRole('region', { name: 'Plan' });
const check = (name: string): Locator => page.getByRole('listitem').filter({ hasText: new RegExp(`^${name}`) });

/** Looks at the page as it stands, once its data is there. */
async function look(what: string): Promise<void> {
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
  await expectAccessible(page, what);
  await expectFitsPhone(page, what);
}

test('Nothing to recover yet is told apart from nothing that matches', async () => {
  await page.goto('/recover');
  await expect(page.getByText('Nothing to recover yet')).toBeVisible();
  await look('empty recover room');
  await page.goto('/recover?find=no-such-thing');
  await expect(page.getByText('Nothing matches “no-such-thing”')).toBeVisible();
  await look('recover room without a match');
  await page.goto('/recoveries');
  await expect(page.getByText('No recovery yet')).toBeVisible();
});

test('The recovery panel offers every instance with its ways, and says where to', async () => {
  test.setTimeout(180_000);
  const { id: policyId } = await call('POST /policies', { body: { name: 'web-servers', accountId, generations: 7 } });
  await addTargets(call, { policyId, accountId, kind: 'instance', fits: /^(web-[12]|files-win|old-reports)$/ });
  backupId = await runToEnd(call, policyId);
  await page.goto('/backups');
  await page.getByRole('link', { name: 'Recover from the backup of web-servers' }).click();
  await expect(heading('Recover from the backup of web-servers')).toBeVisible();
  await expect(page.getByText('acme-production, us-east-1 (where it was backed up)')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Instance: web-1' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Volumes only: files-win' })).toBeVisible();
  await look('recovery panel');
});

test('What was found is found by its name, then a moment is chosen, and the address keeps both', async () => {
  await page.goto('/recover');
  await page.getByLabel('Find by name or id').fill('WEB-1');
  const list = page.getByRole('table', { name: 'What can be brought back' });
  await expect(list.getByRole('row')).toHaveCount(2);
  await expect.poll(() => new URL(page.url()).searchParams.get('find')).toBe('WEB-1');
  await look('recover room');
  await list.getByRole('link', { name: 'web-1' }).click();
  await expect(heading('Recover web-1')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Instance as of/ })).toHaveCount(1);
  await look('recovery points');
  const before = page.getByLabel('As it was at');
  await before.fill('2020-01-01T00:00');
  await before.press('Enter');
  await expect(page.getByText('It was not backed up by then')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('before')).toContain('2019-12-31T23:00');
  await press('Show all moments');
  await page.getByRole('link', { name: /^Instance as of/ }).click();
  await expect(heading('Recover the instance web-1')).toBeVisible();
});

test('What the check refuses stands beside its field, in the checks, and with what was typed kept', async () => {
  await page.getByText('Advanced options').click();
  await page.getByLabel('Placement', { exact: true }).selectOption('subnet');
  await page.getByRole('combobox', { name: 'Subnet' }).fill('subnet-00000000');
  await page.getByLabel('Instance type').fill('t3.medium');
  await look('instance form, advanced');
  await press('Check');
  await expect(page.getByRole('alert')).toContainText('Subnet');
  await expect(page.getByRole('alert')).toContainText('subnet-00000000');
  await expect(plan().getByText(/failed: nothing can start/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Recover the instance', exact: true })).toBeDisabled();
  await expect(page.getByLabel('Instance type')).toHaveValue('t3.medium');
  await look('instance refused');
  await page.getByText('Advanced options').click();
  await check('Network').getByRole('button', { name: 'Go to the field' }).first().click();
  await expect(page.getByRole('combobox', { name: 'Subnet' })).toBeFocused();
  await expect(page.getByRole('combobox', { name: 'Subnet' })).toHaveAttribute('aria-invalid', 'true');
});

test('A plan that is no longer that of the form cannot be started', async () => {
  await page.getByLabel('Placement', { exact: true }).selectOption('original');
  await expect(page.getByText('The form has changed since it was checked')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Recover the instance', exact: true })).toHaveCount(0);
});

test('The AMI Assistant shows the original image, and takes one over into the form', async () => {
  await page.getByLabel('Launch from').selectOption('image');
  await press('AMI Assistant');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'The original image' })).toContainText('Still there');
  await dialog.getByText('Similar ones').click();
  await expect(dialog.locator('.mantine-Skeleton-root')).toHaveCount(0);
  await look('AMI Assistant');
  await dialog.getByRole('button', { name: 'Use the original' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel('Image id')).toHaveValue(/^ami-[0-9a-f]+$/);
});

test('A plain restore takes three clicks from the panel, is followed live and compared with the original', async () => {
  test.setTimeout(180_000);
  await page.goto(`/backups/${backupId}/recover`);
  await page.getByRole('link', { name: 'Instance: web-1' }).click();
  await press('Check');
  await expect(plan()).toBeFocused();
  const objects = page.getByRole('table', { name: 'Planned objects' });
  await expect(objects.getByRole('row', { name: /Instance/ })).toContainText('Make');
  await plan().getByText('The same as a call of the API').click();
  await expect(plan().getByText(/curl --request POST/)).toContainText('/recoveries/instances');
  await look('instance plan');
  await press('Recover the instance');
  await expect(heading(/^Recovery of the instance web-1/)).toBeVisible();
  const steps = page.getByRole('list', { name: 'Steps of the recovery' });
  await expect(steps.locator('[aria-current=step]')).toHaveCount(1);
  await keepPicture(page, 'recovery running');
  await expect(page.getByText('Recovery Successful').first()).toBeVisible({ timeout: 90_000 });
  await expect(steps.getByText('Done')).toHaveCount(await steps.getByRole('listitem').count());
  const made = page.getByRole('table', { name: 'Made objects' });
  await expect(made).toContainText(/i-[0-9a-f]{17}/);
  const link = made.getByRole('link', { name: /AWS console: i-/ }).first();
  await expect(link).toHaveAttribute('href', /^https:\/\/us-east-1\.console\.aws\.amazon\.com\/ec2\/home/);
  await press('Compare');
  await expect(page.getByText(/^\d+ the same, \d+ as asked, \d+ different/)).toBeVisible();
  const compared = page.getByRole('table', { name: /^Comparison of i-/ });
  await expect(compared.getByRole('row', { name: /t3\.medium/ })).toContainText('Same');
  await look('recovery');
});

test('Rolling back names everything, wants the name typed, and is told when it is done', async () => {
  test.setTimeout(180_000);
  await press('Roll back');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Not now' })).toBeFocused();
  // The instance, and its two volumes with the name of the instance beside theirs.
  await expect(dialog.getByRole('listitem').filter({ hasText: /i-[0-9a-f]{17}/ })).toHaveCount(3);
  const act = dialog.getByRole('button', { name: /^Roll back \d+ objects?$/ });
  await expect(act).toBeDisabled();
  await look('roll back');
  await dialog.getByLabel(/Type web-1/).fill('web-1');
  await act.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Rolled back', { exact: true })).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole('button', { name: 'Roll back' })).toHaveCount(0);
  await expect(page.getByRole('table', { name: 'Made objects' })).toContainText('Removed again');
  await look('recovery rolled back');
});

test('Volumes are not switched under a running instance', async () => {
  await page.goto(`/backups/${backupId}/recover`);
  await page.getByRole('link', { name: 'Volumes only: web-2' }).click();
  await expect(heading('Recover volumes of web-2')).toBeVisible();
  await page.getByRole('checkbox', { name: /\/dev\/xvda/ }).uncheck();
  await page.getByRole('combobox', { name: 'Attach to' }).click();
  await page.getByRole('option', { name: /web-2/ }).click();
  await page.getByLabel('Where a device is taken').selectOption('switch-and-delete');
  await expect(page.getByLabel('Device', { exact: true })).toHaveValue('/dev/sdf');
  await press('Check');
  await expect(page.getByRole('alert')).toContainText('volumes are switched on a stopped instance only');
  await look('volumes refused');
});

test('A switch deletes the old volumes only after their names were shown and the name of the instance was typed', async () => {
  test.setTimeout(180_000);
  await page.goto(`/backups/${backupId}/recover`);
  await page.getByRole('link', { name: 'Volumes only: old-reports' }).click();
  await page.getByRole('combobox', { name: 'Attach to' }).first().click();
  await page
    .getByRole('option', { name: /old-reports/ })
    .first()
    .click();
  await page.getByLabel('Where a device is taken').selectOption('switch-and-delete');
  await press('Check');
  const doomed = page.getByRole('table', { name: 'Planned objects' }).getByRole('row', { name: /Delete/ });
  await expect(doomed).toHaveCount(1);
  const oldVolume = /vol-[0-9a-f]+/.exec((await doomed.textContent()) ?? '')?.[0] ?? '';
  await look('switch planned');
  await plan()
    .getByRole('button', { name: /^Recover / })
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(oldVolume);
  await expect(dialog.getByRole('button', { name: 'Delete nothing' })).toBeFocused();
  const act = dialog.getByRole('button', { name: /and delete 1 object$/ });
  await expect(act).toBeDisabled();
  await look('switch and delete');
  await dialog.getByLabel(/Type old-reports/).fill('old-reports');
  await act.click();
  await expect(heading(/^Recovery of volumes/)).toBeVisible();
  await expect(page.getByText('Recovery Successful').first()).toBeVisible({ timeout: 90_000 });
  const old = page.getByRole('table', { name: 'Made objects' }).getByRole('row', { name: new RegExp(oldVolume) });
  await expect(old.filter({ hasText: 'Replaced' })).toContainText('Deleted');
  await press('Keep');
  await expect(page.getByText('Kept', { exact: true })).toBeVisible();
  await look('recovery of switched volumes');
});

test('Several instances are recovered together, and followed as a group', async () => {
  test.setTimeout(240_000);
  await page.goto(`/backups/${backupId}/recover`);
  await page.getByLabel('Choose web-1').check();
  await page.getByLabel('Choose web-2').check();
  await page.getByRole('link', { name: 'Recover 2 instances' }).click();
  await expect(heading('Recover 2 instances')).toBeVisible();
  await look('several instances');
  await press('Check all of them');
  await expect(page.getByText('It can start').first()).toBeVisible();
  await look('several instances checked');
  await press('Recover 2 instances');
  await expect(heading('Recoveries asked for together')).toBeVisible();
  await expect(page.getByText('2 recoveries').first()).toBeVisible();
  await until('both have ended', async () => {
    const { items } = await call('GET /recoveries', {});
    return items.every(({ endedAt }) => endedAt !== null);
  });
  await expect(page.getByText('2 successful')).toBeVisible();
  await look('group of recoveries');
});

test('The policies tell when one of their backups was last recovered', async () => {
  await page.goto('/policies');
  await expect(page.getByRole('row', { name: /web-servers/ })).toContainText('Recovery Successful');
  await look('policies with a last recovery');
});

test('An instance is recovered with the keyboard alone', async () => {
  test.setTimeout(180_000);
  await page.goto(`/backups/${backupId}/recover`);
  await expect(page.getByRole('link', { name: 'Instance: web-2' })).toBeVisible();
  await tabTo(page.getByRole('link', { name: 'Instance: web-2' }));
  await page.keyboard.press('Enter');
  await expect(heading('Recover the instance web-2')).toBeVisible();
  await tabTo(page.getByRole('button', { name: 'Check', exact: true }));
  await page.keyboard.press('Enter');
  await expect(plan()).toBeFocused();
  await tabTo(page.getByRole('button', { name: 'Recover the instance', exact: true }));
  await page.keyboard.press('Enter');
  await expect(heading(/^Recovery of the instance web-2/)).toBeVisible();
});

/** Presses Tab until the focus is there, as somebody without a mouse does. */
async function tabTo(wanted: Locator): Promise<void> {
  for (let stops = 0; stops < 90; stops += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) break;
  }
  await expect(wanted).toBeFocused();
}
