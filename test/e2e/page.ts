import type { Locator, Page } from 'playwright-core';

/** Opens a view through the navigation, as a user does. */
export async function openView(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name, exact: true }).click();
}

/**
 * Chooses from the one menu that is open. Menus fade in and out: one that is still there would take the click and do
 * nothing with it, so none is left behind.
 */
export async function chooseFromMenu(page: Page, name: string | RegExp): Promise<void> {
  const menus = page.locator('.n-dropdown-menu');
  const options = menus.locator('.n-dropdown-option');
  await (typeof name === 'string' ? options.getByText(name, { exact: true }) : options.filter({ hasText: name }))
    .first()
    .click();
  await menus.first().waitFor({ state: 'detached' });
}

/** Resolves when the status shown at the head of a run's page is this one. */
export async function seesStatus(page: Page, status: string, timeoutMs = 90_000): Promise<void> {
  await page.locator('.status', { hasText: status }).first().waitFor({ timeout: timeoutMs });
}

export async function picture(locator: Locator): Promise<string> {
  return (await locator.screenshot()).toString('base64');
}
