import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseFromMenu, openView, seesStatus } from './page.ts';
import { chromiumProgram, openBrowser, serveWorkbench, type OpenedBrowser, type ServedWorkbench } from './surface.ts';

const program = chromiumProgram();
if (!program) process.stderr.write('Not checked: forms, charts and keys in a browser (no Chromium).\n');

describe.runIf(program)('what a user does beside starting and looking', () => {
  let dataDir: string;
  let served: ServedWorkbench;
  let browser: OpenedBrowser;
  const page = (): Page => browser.page;
  const clipboard = (): Promise<string> => page().evaluate(() => navigator.clipboard.readText());
  const press = (name: string | RegExp): Promise<void> =>
    page()
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first()
      .click();
  const lossChart = (): Locator => page().locator('[data-chart="loss"]');

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-tools-'));
    served = await serveWorkbench(dataDir);
    browser = await openBrowser(program!, served.url);
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  afterAll(async () => {
    await browser?.end();
    await served?.end();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('copies the form as a command and as JSON, and fills it from JSON again', async () => {
    await openView(page(), 'New run');
    await page().getByLabel('Epochs', { exact: true }).fill('7');
    await page().getByLabel('Epochs', { exact: true }).press('Tab');
    await press('More actions');
    await page().getByText('Copy as command').click();
    await expect.poll(clipboard).toMatch(/^(npx )?lp-workbench train .*--epochs 7/);
    await press('More actions');
    await page().getByText('Copy as JSON').click();
    await expect.poll(clipboard).toContain('"epochs": 7');
    const json = JSON.parse(await clipboard()) as { optimizer: { id: string } };
    expect(json.optimizer.id).toBe('lpsgdm');
    await press('More actions');
    await page().getByText('Paste JSON…').click();
    await page()
      .getByLabel('Configuration as JSON')
      .fill(JSON.stringify({ ...json, epochs: 9 }));
    await press('Fill the form');
    await expect.poll(() => page().getByLabel('Epochs', { exact: true }).inputValue()).toBe('9');
  });

  it('takes the settings of the paper, and says what a learning rate of SGD would do', async () => {
    const rate = page().locator('[data-field="learningRate.base"] input').first();
    await rate.fill('0.1');
    await rate.press('Tab');
    await page()
      .getByText(/0\.1 is a learning rate for SGD/)
      .waitFor();
    await press('Paper settings');
    await chooseFromMenu(page(), /VGG-11/);
    await expect.poll(() => rate.inputValue()).not.toBe('0.1');
  });

  it('keeps a preset and starts a run for each seed', async () => {
    await press(/Presets/);
    await page().getByText('Save as preset…').click();
    await page().getByLabel('Name of the preset').fill('mine');
    await page().getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page().getByLabel('Epochs', { exact: true }).fill('3');
    await page().getByLabel('Epochs', { exact: true }).press('Tab');
    await page().getByLabel('Seeds').fill('0-2');
    await page().getByLabel('Seeds').press('Tab');
    await press('Start 3 runs');
    await page().waitForURL(/#\/runs\/\w+/);
    await seesStatus(page(), 'Completed');
    await openView(page(), 'Runs');
    await page().getByText('3 runs', { exact: true }).first().waitFor();
    await page().getByRole('checkbox', { name: 'Group by seed' }).check();
    await page().getByText('3 seeds').waitFor();
    await openView(page(), 'New run');
    await press(/Presets/);
    await expect.poll(() => page().getByRole('button', { name: 'mine', exact: true }).count()).toBe(1);
    await page().keyboard.press('Escape');
  });

  it('copies a chart as CSV and as a picture, and fills the window with it', async () => {
    await openView(page(), 'Runs');
    await page().getByRole('checkbox', { name: 'Group by seed' }).uncheck();
    await page()
      .getByRole('link', { name: /^lpsgdm/ })
      .first()
      .click();
    await seesStatus(page(), 'Completed');
    await lossChart().getByRole('button', { name: 'Copy all points as CSV' }).click();
    await expect.poll(async () => (await clipboard()).split('\n').length).toBeGreaterThan(10);
    expect((await clipboard()).split('\n')[0]).toMatch(/step/);
    await lossChart().getByRole('button', { name: 'Copy as picture (PNG)' }).click();
    const types = (): Promise<string[]> =>
      page().evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
    await expect.poll(types).toContain('image/png');
    const before = (await lossChart().boundingBox())!.width;
    await lossChart().getByRole('button', { name: 'Fill the window' }).click();
    await expect.poll(async () => (await lossChart().boundingBox())!.width).toBeGreaterThan(1.5 * before);
    await page().keyboard.press('Escape');
    await expect.poll(async () => (await lossChart().boundingBox())!.width).toBe(before);
  });

  it('branches from a checkpoint into a run of its own', async () => {
    await page()
      .getByRole('button', { name: /^Branch/ })
      .first()
      .click();
    await page().getByRole('button', { name: 'Start the branch' }).click();
    await page().getByText('branched at step').waitFor();
    await seesStatus(page(), 'Completed');
    await expect.poll(() => page().locator('h1').first().innerText()).toMatch(/from step/);
  });

  it('goes everywhere by keys, and shows where the focus is', async () => {
    await page().keyboard.press('Control+k');
    await page().getByRole('dialog').waitFor();
    await page().keyboard.type('queue');
    await page().keyboard.press('Enter');
    await page().getByRole('heading', { name: 'Queue', level: 1 }).waitFor();
    await page().keyboard.press('g');
    await page().keyboard.press('r');
    await page().getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    const outlines: string[] = [];
    for (let i = 0; i < 12; i++) {
      await page().keyboard.press('Tab');
      outlines.push(
        await page().evaluate(() => {
          const focused = document.activeElement as HTMLElement;
          const styles = [focused, ...focused.querySelectorAll('*')].flatMap((element) => [
            getComputedStyle(element),
            getComputedStyle(element, '::after'),
          ]);
          const frame = focused.parentElement ? getComputedStyle(focused.parentElement) : null;
          const isSeen =
            styles.some(({ outlineStyle, boxShadow }) => outlineStyle !== 'none' || boxShadow !== 'none') ||
            (frame !== null && (frame.outlineStyle !== 'none' || frame.boxShadow !== 'none'));
          return isSeen ? '' : `${focused.tagName} ${focused.className}`;
        }),
      );
    }
    expect(outlines.filter(Boolean)).toEqual([]);
  });

  it('has a name for everything that can be pressed or filled in, in every view', async () => {
    const nameless: string[] = [];
    for (const view of ['New run', 'Runs', 'Compare', 'Queue', 'Datasets', 'Devices', 'Settings']) {
      await openView(page(), view);
      await page().waitForTimeout(300);
      const found = await page().evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea, [role="img"]')]
          .filter((element) => element.offsetParent !== null && element.tabIndex >= 0)
          .filter((element) => {
            const labels = (element as HTMLInputElement).labels;
            const by = element.getAttribute('aria-labelledby');
            return !(
              element.getAttribute('aria-label')?.trim() ||
              element.title.trim() ||
              element.textContent?.trim() ||
              (labels && labels.length > 0) ||
              (by && document.getElementById(by))
            );
          })
          .map((element) => element.outerHTML.slice(0, 160)),
      );
      nameless.push(...found.map((html) => `${view}: ${html}`));
    }
    expect(nameless).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});
