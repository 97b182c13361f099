import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/contract/runs.ts';
import { openTestApp, smallRun } from '../main/services/testApp.ts';
import { chooseFromMenu, openView, seesStatus } from './page.ts';
import { surfaces, type OpenedWorkbench, type Surface } from './surface.ts';

const longMs = 120_000;
const waits = { timeout: 30_000 };
const evil = '<img src=x onerror=alert(1)> =HYPERLINK("evil") | `x` [a](javascript:alert(1)) \u202etfel';
const plain = 'digits, as they are';
const studyName = 'Does a larger rate help?';

/** Two runs and a study of three seeds, and a picture of a digit that the model can be tried on. */
async function prepare(dataDir: string, picture: string): Promise<Run> {
  const { app, train, untilStatus, untilStudy } = openTestApp(dataDir, { concurrency: 2 });
  try {
    const runs = [await train(smallRun({ epochs: 8 }), plain), await train(smallRun({ seed: 1 }), evil)];
    for (const run of runs) await untilStatus(run, 'completed', 'failed');
    const rates = [0.003, 0.01].map((rate) => ({
      id: 'lpsgdm',
      label: `rate ${rate}`,
      settings: { 'learningRate.base': rate },
    }));
    const spec = { base: { ...smallRun() }, optimizers: rates, seeds: [0, 1, 2] };
    const { id } = await app.studies.create({ name: studyName, spec });
    await untilStudy(await app.studies.start({ studyId: id }), ({ status }) => status === 'completed');
    const { worst } = await app.results.evaluate({ runId: runs[0]!.id, worst: 1 });
    const pixels = Uint8Array.from(worst[0]!.values, (value) => Math.round(255 * value));
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } })
      .png()
      .toFile(picture);
    return app.runs.get({ runId: runs[0]!.id });
  } finally {
    await app.close();
  }
}

/** The same runs for every way to show the workbench, trained once. */
let template: Promise<{ dir: string; run: Run }> | undefined;
const prepared = (): NonNullable<typeof template> =>
  (template ??= (async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lp-workbench-reports-'));
    return { dir, run: await prepare(join(dir, 'data'), join(dir, 'digit.png')) };
  })());
afterAll(async () => {
  const made = await template?.catch(() => null);
  if (made) await rm(made.dir, { recursive: true, force: true });
});

function story(surface: Surface, open: NonNullable<Surface['open']>): void {
  describe(`results that leave ${surface.name}`, { timeout: longMs }, () => {
    let folder: string;
    let run: Run;
    let workbench: OpenedWorkbench;
    const page = (): Page => workbench.page;
    const file = (name: string): string => join(folder, name);
    const paper = (): FrameLocator => page().frameLocator('iframe[title="Preview of the report"]');
    const heading = (name: string | RegExp): Locator =>
      paper().getByRole('heading', { name, exact: typeof name === 'string' });
    const press = (name: string): Promise<void> => page().getByRole('button', { name, exact: true }).first().click();
    const chooseEntry = (name: string): Promise<void> => chooseFromMenu(page(), new RegExp(`^${name}`));
    const selectRun = async (name: string): Promise<void> => {
      await openView(page(), 'Runs');
      const clear = page().getByRole('button', { name: 'Clear selection' });
      if ((await clear.count()) > 0) await clear.click();
      await page()
        .getByRole('checkbox', { name: `Select ${name}`, exact: true })
        .check();
    };
    const openRun = async (name: string): Promise<void> => {
      await openView(page(), 'Runs');
      await page().getByRole('link', { name, exact: true }).click();
      await seesStatus(page(), 'Completed');
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lp-workbench-reports-'));
      const { dir, run: trained } = await prepared();
      await cp(dir, folder, { recursive: true });
      run = trained;
      workbench = await open(file('data'));
    }, 2 * longMs);
    afterAll(async () => {
      await workbench?.end();
      await rm(folder, { recursive: true, force: true });
    });

    it('a report of chosen runs shows them, and changes with sections and notes without losing the place', async () => {
      await selectRun(plain);
      await page()
        .getByRole('checkbox', { name: `Select ${evil}`, exact: true })
        .check();
      await page()
        .getByRole('toolbar', { name: 'Actions for the selected runs' })
        .getByRole('button', { name: 'Report' })
        .click();
      await heading(/2 settings|2 runs/).waitFor(waits);
      for (const name of ['Results', 'Curves', 'Settings', 'How to repeat it', 'Formulas and references']) {
        await heading(name).waitFor({ state: 'attached' });
      }
      const text = await paper().locator('body').innerText();
      expect(text).toContain('<img src=x onerror=alert(1)>');
      expect(text).not.toContain('\u202e');
      expect(await paper().locator('script, img[src="x"], a[href^="javascript"]').count()).toBe(0);

      await heading('How to repeat it').scrollIntoViewIfNeeded();
      const scrolled = (): Promise<number> =>
        paper()
          .locator('html')
          .evaluate((root) => root.scrollTop);
      const before = await scrolled();
      expect(before).toBeGreaterThan(200);
      await page().getByRole('checkbox', { name: 'Formulas and references' }).uncheck();
      await expect.poll(() => heading('Formulas and references').count(), waits).toBe(0);
      await expect.poll(scrolled, waits).toBeGreaterThan(200);

      await page()
        .getByRole('textbox', { name: 'Notes' })
        .fill('It is **certain** that $x^2 \\ge 0$.\n\n<script>alert(2)</script>');
      await paper()
        .locator('strong', { hasText: 'certain' })
        .waitFor({ ...waits, state: 'attached' });
      await expect.poll(() => paper().locator('section math').count()).toBe(1);
      expect(await paper().locator('script').count()).toBe(0);
      await page().getByRole('textbox', { name: 'Title' }).fill('For the group meeting');
      await heading('For the group meeting').waitFor(waits);
    });

    it('its choices are kept as a template, and used for another report', async () => {
      await page().getByLabel('Name of the template').fill('meeting');
      await press('Keep as template');
      await page().getByText('“meeting” is kept as a template').waitFor(waits);
      await openRun(plain);
      await press('Report');
      await heading(plain).waitFor(waits);
      await heading('Formulas and references').waitFor({ state: 'attached' });
      await page().locator('.templates .n-base-selection').click();
      await page().locator('.n-base-select-option', { hasText: 'meeting' }).click();
      await expect.poll(() => heading('Formulas and references').count(), waits).toBe(0);
      await paper()
        .locator('strong', { hasText: 'certain' })
        .waitFor({ ...waits, state: 'attached' });
      // the title belongs to the runs
      await heading(plain).waitFor({ state: 'attached' });
    });

    it.each([
      ['HTML, one file', 'report.html', '<!doctype html>', '<strong>certain</strong>'],
      ['PDF', 'report.pdf', '%PDF-', '%%EOF'],
      ['JSON, all that it says', 'report.json', '{', 'It is **certain** that'],
      ['CSV, every point', 'report.csv', 'run,name,seed,metric,step,value', ',testAccuracy,'],
    ])('is saved as %s', async (entry, name, begin, inside) => {
      await workbench.saveTo(file(name), async () => {
        await press('Save as');
        await chooseEntry(entry);
      });
      await expect
        .poll(() => existsSync(file(name)) && readFileSync(file(name)).toString('latin1').startsWith(begin))
        .toBe(true);
      expect(readFileSync(file(name)).toString('latin1').includes(inside)).toBe(true);
    });

    it('a study is reported from its page, with its verdict and its three seeds', async () => {
      await openView(page(), 'Studies');
      await page().getByText(studyName).first().click();
      await press('Report');
      await heading(studyName).waitFor(waits);
      const verdict = await paper().locator('.verdict').innerText();
      expect(verdict).toMatch(/rate 0\.0/);
      const table = paper().locator('table').first();
      await expect.poll(() => table.locator('tbody tr').count()).toBe(2);
      expect(await table.innerText()).toMatch(/± \d/);
    });

    it('a trained model is judged, and tried on a file that is dropped on it and on one that is chosen', async () => {
      await openRun(plain);
      await page().getByRole('tab', { name: 'Results' }).click();
      await page().getByRole('heading', { name: 'Precision and recall' }).waitFor(waits);
      const counts = await page().locator('table.matrix td').allInnerTexts();
      const numbers = counts.map((text) => Number(text.replaceAll(',', '') || 0));
      expect(counts).toHaveLength(100);
      expect(numbers.reduce((a, b) => a + b)).toBe(359);
      const right = numbers.filter((_, i) => i % 11 === 0).reduce((a, b) => a + b);
      expect(right / 359).toBeCloseTo(run.latest['testAccuracy']!, 9);
      await expect.poll(() => page().locator('.samples li').count()).toBe(24);

      const zone = page().locator('.try');
      await zone.evaluate((element) => element.scrollIntoView({ block: 'center' }));
      const box = (await zone.boundingBox())!;
      const session = await page().context().newCDPSession(page());
      const data = { items: [], files: [file('digit.png')], dragOperationsMask: 1 };
      const at = { x: box.x + 20, y: box.y + box.height / 2, data };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await session.send('Input.dispatchDragEvent', { type, ...at });
      }
      await session.detach();
      const answer = zone.getByRole('listitem');
      await answer.first().waitFor(waits);
      expect(await answer.first().innerText()).toMatch(/digit\.png\s+\d\s+[\d.]+ %/);
      expect(await page().getByText('Drop to import').count()).toBe(0);
      await workbench.choose([file('report.json'), file('digit.png')], () => press('Choose files…'));
      await expect.poll(() => answer.count(), waits).toBe(2);
      await expect.poll(() => zone.innerText()).toContain('report.json is no image that can be read');

      await workbench.saveTo(file('predictions.csv'), () => press('Save predictions'));
      await expect.poll(() => existsSync(file('predictions.csv'))).toBe(true);
      expect(readFileSync(file('predictions.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(360);
    });

    it('a run is packed with its report, removed for good, and comes back as it was', async () => {
      await openRun(plain);
      await workbench.saveTo(file('packed.lprun'), async () => {
        await press('More actions');
        await chooseEntry('Pack run with its report');
      });
      await expect.poll(() => existsSync(file('packed.lprun'))).toBe(true);
      await press('More actions');
      await chooseEntry('Move to trash');
      await openView(page(), 'Runs');
      await page()
        .getByRole('tab', { name: /^Trash/ })
        .click();
      await press('Empty the trash…');
      await press('Remove for good');
      await page().getByText('1 run removed for good').waitFor(waits);
      await page().getByRole('tab', { name: /^Runs/ }).click();
      await expect.poll(() => page().getByRole('link', { name: plain, exact: true }).count()).toBe(0);
      await workbench.choose([file('packed.lprun')], async () => {
        await press('Import');
        await chooseEntry('Packed runs');
      });
      await page().getByText('1 run imported').first().waitFor(waits);
      await openRun(plain);
      expect(page().url()).toContain(run.id);
      await page().getByText('8 / 8').first().waitFor();
      // once more is a copy, when that is wanted
      await openView(page(), 'Runs');
      await workbench.choose([file('packed.lprun')], async () => {
        await press('Import');
        await chooseEntry('Packed runs');
      });
      await page().getByText('This run is here already').waitFor(waits);
      await page().getByRole('button', { name: 'Cancel' }).click();
    });

    it('runs leave as TensorBoard event files, and come in from them under a name of their own', async () => {
      await selectRun(evil);
      const isWindow = surface.name !== 'a browser';
      const target = isWindow ? file('events') : null;
      const leave = (): Promise<void> => press('TensorBoard…');
      if (target) await workbench.saveTo(target, leave);
      else await leave();
      await page().getByText('Saved as').first().waitFor(waits);
      const exports = join(folder, 'data', 'exports');
      const dir =
        target ??
        join(
          exports,
          readdirSync(exports).find((name) => name.startsWith('tensorboard-'))!,
        );
      const [inner] = readdirSync(dir);
      expect(readdirSync(join(dir, inner!))).toHaveLength(1);

      // a file that no run of this program describes: another program's
      const foreign = join(import.meta.dirname, '..', 'golden', 'tensorboard');
      await workbench.choose([foreign], async () => {
        await press('Import');
        await chooseEntry('A folder of TensorBoard');
      });
      await page().getByText('1 run imported').first().waitFor(waits);
      await openRun('tensorboard');
      const strip = page()
        .getByRole('region', { name: /progress/i })
        .or(page().locator('section.progress'));
      expect(await strip.first().innerText()).not.toMatch(/\/ 40/);
      await page().getByRole('tab', { name: 'Settings' }).click();
      const settings = await page().getByRole('main').innerText();
      expect(settings).toMatch(isWindow ? /golden[\\/]tensorboard/ : /\btensorboard\b/);
      expect(settings).not.toContain('transfers');
    });

    it('nothing of what was sent is left, and the console has no complaint', () => {
      const transfers = join(folder, 'data', 'transfers');
      expect(existsSync(transfers) ? readdirSync(transfers) : []).toEqual([]);
      expect(workbench.complaints).toEqual([]);
    });
  });
}

for (const surface of surfaces()) {
  if (surface.open) story(surface, surface.open);
  else process.stderr.write(`Not checked: reports, results and transfers in ${surface.name} (${surface.reason}).\n`);
}
