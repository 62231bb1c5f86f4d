import { expect, test, type Page } from '@playwright/test';
import { enter, fill, LOGIN } from './support/person.ts';
import { startConsoleServer, type ConsoleServer } from './support/server.ts';

let server: ConsoleServer;

test.beforeAll(async ({ browser }) => {
  server = await startConsoleServer();
  const context = await browser.newContext({ baseURL: server.url });
  await fill(await enter(await context.newPage(), server));
  await context.close();
});
test.afterAll(() => server.stop());

const focused = (page: Page) => page.locator('*:focus');

/** Presses Tab until the focus is on what is wanted, as somebody without a mouse does; every stop must show its focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const wanted = page
    .getByRole('link', { name })
    .or(page.getByRole('button', { name }))
    .or(page.getByRole('menuitem', { name }))
    .first();
  for (let stops = 0; stops < 60; stops += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) break;
  }
  await expect(wanted).toBeFocused();
  const outline = await focused(page).evaluate((element) => {
    const view = element.ownerDocument.defaultView;
    return view === null ? '' : view.getComputedStyle(element).outlineStyle;
  });
  expect(outline).not.toBe('none');
}

test('Signing in, opening a policy and running it needs no mouse', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.goto('/');
  await expect(page.getByLabel('User name')).toBeFocused();
  await page.keyboard.type(LOGIN.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(LOGIN.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Backup Monitor' })).toBeVisible();
  await tabTo(page, 'Policies');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Policies' })).toBeVisible();
  await tabTo(page, 'web-servers');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'web-servers' })).toBeVisible();
  await tabTo(page, 'Run now');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Backup of web-servers' })).toBeVisible();
  await expect(page.getByText('Backup Successful').first()).toBeVisible({ timeout: 60_000 });
  await context.close();
});

test('The skip link leads past the rooms, and the appearance is chosen in the menu', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await enter(page, server);
  await page.goto('/schedules');
  await expect(page.getByRole('heading', { level: 1, name: 'Schedules' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  await tabTo(page, 'New schedule');
  await page.getByRole('button', { name: 'User root' }).focus();
  await page.keyboard.press('Enter');
  await tabToItem(page, 'Dark');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await context.close();
});

/** Walks down an open menu with the arrow key and takes the item. */
async function tabToItem(page: Page, name: string): Promise<void> {
  const item = page.getByRole('menuitem', { name });
  await expect(item).toBeVisible();
  for (let steps = 0; steps < 12; steps += 1) {
    if (await item.evaluate((element) => element === element.ownerDocument.activeElement)) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
}
