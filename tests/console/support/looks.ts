import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Light and dark differ in colours alone: what else there is to find is looked for once. */
const RULES = {
  light: (axe: AxeBuilder) => axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']),
  dark: (axe: AxeBuilder) => axe.withRules(['color-contrast', 'link-in-text-block']),
};

/** No violation of WCAG 2.2 AA that axe can find, in light and in dark; seen from the top of the page. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // What the header, which stays, covers half would count as too small to hit.
  await page.locator('html').evaluate((html) => {
    html.scrollTop = 0;
  });
  for (const scheme of ['light', 'dark'] as const) {
    await takeOn(page, scheme);
    const { violations } = await RULES[scheme](new AxeBuilder({ page })).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    expect.soft(found, `${what} in ${scheme}: ${found.join('; ')}`).toEqual([]);
    await keepPicture(page, `${what} ${scheme}`);
  }
}

/**
 * Shows the page in this scheme and waits until it has changed whole: the page hears of the system's
 * scheme in its own time, and axe would call a dark word on a ground that is still dark too faint.
 */
async function takeOn(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
  await page.evaluate(async () => {
    const passing = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
}

/** Nothing sticks out of a screen 320 px wide. */
export async function expectFitsPhone(page: Page, what: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 720 });
  const width = await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth);
  await keepPicture(page, `${what} 320`);
  expect.soft(width, `${what} at 320 px`).toBeLessThanOrEqual(320);
  if (before) await page.setViewportSize(before);
}

/** Keeps a picture of the page where `CPM_TEST_PICTURES` names a directory. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const directory = process.env['CPM_TEST_PICTURES'];
  if (directory === undefined) return;
  await page.screenshot({ path: `${directory}/${name.replaceAll(/\W+/g, '-')}.png`, fullPage: true });
}

/** Collects what the page's own policy refused; a page of ours must never be refused anything. */
export function watchRefusals(page: Page): () => readonly string[] {
  const refusals: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) refusals.push(message.text());
  });
  page.on('pageerror', (error) => refusals.push(String(error)));
  return () => refusals;
}
