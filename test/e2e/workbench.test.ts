import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openView, picture, seesStatus } from './page.ts';
import { surfaces, type OpenedWorkbench, type Surface } from './surface.ts';

const longMs = 120_000;

/** One user's first day with the workbench, told in order: each part goes on from where the one before ended. */
function story(surface: Surface, open: NonNullable<Surface['open']>): void {
  describe(`the workbench in ${surface.name}`, { timeout: longMs }, () => {
    let dataDir: string;
    let workbench: OpenedWorkbench;
    let sampleName = '';
    let ownName = '';
    const page = (): Page => workbench.page;
    const title = async (): Promise<string> => (await page().locator('h1').first().innerText()).trim();
    const row = (name: string): Locator =>
      page()
        .getByRole('row')
        .filter({ has: page().getByRole('checkbox', { name: `Select ${name}`, exact: true }) });
    const rows = (): Locator => page().getByRole('checkbox', { name: /^Select (?!all)/ });
    const select = (name: string): Promise<void> =>
      page()
        .getByRole('checkbox', { name: `Select ${name}`, exact: true })
        .check();
    const bar = (): Locator => page().getByRole('toolbar', { name: 'Actions for the selected runs' });

    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-e2e-'));
      workbench = await open(dataDir);
    }, longMs);
    afterAll(async () => {
      await workbench?.end();
      await rm(dataDir, { recursive: true, force: true });
    });

    it('says at its first start what to do', async () => {
      await page().getByRole('heading', { name: 'No runs yet' }).waitFor();
      const sample = page().getByRole('button', { name: 'Start the sample run' });
      await expect.poll(() => sample.isVisible()).toBe(true);
    });

    it('trains the sample with charts that move while it trains', async () => {
      await page().getByRole('button', { name: 'Start the sample run' }).click();
      await page().waitForURL(/#\/runs\/\w+/);
      await seesStatus(page(), 'Running');
      const chart = page().getByRole('img', { name: /^Line chart of Loss/ });
      await chart.waitFor();
      const early = await picture(chart);
      await expect.poll(() => picture(chart), { timeout: 5_000 }).not.toBe(early);
      expect(await page().locator('.status').first().innerText()).toContain('Running');
      await seesStatus(page(), 'Completed');
      await page().getByText('40 / 40').first().waitFor();
      sampleName = await title();
    });

    it('starts a run from the form, pauses it at a checkpoint, resumes it, and sees it finish', async () => {
      await openView(page(), 'New run');
      const epochs = page().getByLabel('Epochs', { exact: true });
      await epochs.fill('120');
      await epochs.press('Tab');
      await page().getByRole('button', { name: 'Start', exact: true }).click();
      await page().waitForURL(/#\/runs\/\w+/);
      await seesStatus(page(), 'Running');
      await page().getByRole('button', { name: 'Pause', exact: true }).click();
      await seesStatus(page(), 'Paused');
      const pausedAt = await page()
        .getByText(/^[\d.]+ \/ 120$/)
        .innerText();
      expect(Number.parseFloat(pausedAt)).toBeLessThan(120);
      await page().getByRole('button', { name: 'Resume', exact: true }).click();
      await seesStatus(page(), 'Completed');
      await page().getByText('120 / 120').first().waitFor();
      ownName = await title();
    });

    it('compares the two: their curves, what differs in their settings, and their final numbers', async () => {
      await openView(page(), 'Runs');
      await page().getByRole('checkbox', { name: 'Select all' }).check();
      await bar().getByRole('button', { name: 'Compare' }).click();
      await page().waitForURL(/#\/compare\?ids=/);
      await page()
        .getByRole('img', { name: /^Line chart of .*showing/ })
        .first()
        .waitFor();
      await page().getByRole('tab', { name: 'What differs' }).click();
      const differing = page().getByRole('row').filter({ hasText: 'epochs' });
      expect((await differing.getByRole('cell').allInnerTexts()).toSorted()).toEqual(['120', '40']);
      await page().getByRole('tab', { name: 'Final numbers' }).click();
      await page().getByRole('row').nth(2).waitFor();
      const table = await page().getByRole('table').innerText();
      for (const name of [sampleName, ownName]) expect(table).toContain(name);
    });

    it('tags a run and finds it by a filter, and says what is wrong with another', async () => {
      await openView(page(), 'Runs');
      await select(ownName);
      await bar().getByRole('button', { name: 'Tags' }).click();
      await page().getByRole('textbox', { name: 'New tag' }).fill('first');
      await page().getByRole('button', { name: 'Add', exact: true }).click();
      await page().getByRole('button', { name: 'Save' }).click();
      await row(ownName).getByText('first', { exact: true }).waitFor();
      const filter = page().getByRole('combobox', { name: 'Filter runs' });
      await filter.fill('tag = first and testAccuracy > 50%');
      await page().getByText('1 of 2 runs').waitFor();
      await expect.poll(() => rows().count()).toBe(1);
      await filter.fill('epochs = ');
      await page()
        .getByRole('status')
        .filter({ hasText: /value|ends/i })
        .waitFor();
      await filter.fill('');
      await page().getByText('2 runs', { exact: true }).first().waitFor();
    });

    it('moves a run to the trash and takes it back', async () => {
      if ((await bar().count()) > 0) await bar().getByRole('button', { name: 'Clear selection' }).click();
      await select(ownName);
      await bar().getByRole('button', { name: 'Move to trash' }).click();
      await page().getByText('1 run', { exact: true }).first().waitFor();
      await expect.poll(() => row(ownName).count()).toBe(0);
      await page().getByRole('button', { name: 'Undo' }).click();
      await page().getByText('2 runs', { exact: true }).first().waitFor();
      await row(ownName).waitFor();
    });

    it('has everything after a restart', async () => {
      expect(workbench.complaints).toEqual([]);
      await workbench.end();
      workbench = await open(dataDir);
      await openView(page(), 'Runs');
      await page().getByText('2 runs', { exact: true }).first().waitFor();
      await row(ownName).getByText('first', { exact: true }).waitFor();
      await page().getByRole('link', { name: ownName }).click();
      await page().getByText('120 / 120').first().waitFor();
      const chart = page().getByRole('img', { name: /^Line chart of Loss, showing/ });
      await chart.waitFor();
      await expect.poll(() => chart.getAttribute('aria-label')).toMatch(/showing .*points/);
    });

    it('shows every view without a complaint in the console', async () => {
      for (const name of ['New run', 'Runs', 'Compare', 'Queue', 'Datasets', 'Devices', 'Settings']) {
        await openView(page(), name);
        await page().getByRole('heading', { level: 1 }).first().waitFor();
        await page().waitForTimeout(200);
      }
      expect(workbench.complaints).toEqual([]);
    });
  });
}

for (const surface of surfaces()) {
  if (surface.open) story(surface, surface.open);
  else process.stderr.write(`Not checked: the workbench in ${surface.name} (${surface.reason}).\n`);
}
