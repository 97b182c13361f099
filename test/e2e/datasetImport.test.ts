import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropFile } from './dropFile.ts';
import { openView, seesStatus } from './page.ts';
import { surfaces, type OpenedWorkbench, type Surface } from './surface.ts';

const longMs = 120_000;

/** Sixty flowers of three kinds, with an id that must not be learned and a value that is missing. */
async function writeTable(file: string): Promise<void> {
  const kinds = ['setosa', 'versicolor', 'virginica'];
  const rows = Array.from({ length: 60 }, (_, i) => {
    const kind = i % 3;
    const size = (1.4 + 2 * kind + (i % 7) / 10).toFixed(1);
    return [i + 1, i === 4 ? '' : size, (0.2 + kind + (i % 5) / 10).toFixed(1), i % 4, kinds[kind]].join(',');
  });
  await writeFile(file, ['id,petal length,petal width,bees,species', ...rows].join('\n'));
}

/** Twelve pictures of each of two colours, in a folder of its name. */
async function writePictures(folder: string): Promise<void> {
  for (const [name, color] of [
    ['blue', { r: 20, g: 40, b: 200 }],
    ['red', { r: 200, g: 30, b: 20 }],
  ] as const) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const picture = sharp({ create: { width: 20, height: 20, channels: 3, background: { ...color, g: 10 * i } } });
      await picture.png().toFile(join(folder, name, `${i}.png`));
    }
  }
}

/** Imports as shown, and trains for an epoch on the result. */
async function importAndTrain(page: Page): Promise<void> {
  const start = page.getByRole('button', { name: 'Import', exact: true });
  await expect.poll(() => start.isEnabled(), { timeout: 30_000 }).toBe(true);
  await start.click();
  await page.getByText('is imported').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Train on it' }).click();
  await page.getByLabel('Epochs', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/#\/runs\/\w+/);
  await seesStatus(page, 'Completed');
}

function story(surface: Surface, open: NonNullable<Surface['open']>): void {
  describe(`data of one's own in ${surface.name}`, () => {
    let folder: string;
    let workbench: OpenedWorkbench;
    const page = (): Page => workbench.page;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lp-workbench-import-'));
      await writeTable(join(folder, 'flowers.csv'));
      await writePictures(join(folder, 'colours'));
      workbench = await open(join(folder, 'data'));
      await page().getByRole('heading', { name: 'No runs yet' }).waitFor();
    }, longMs);
    afterAll(async () => {
      await workbench?.end();
      await rm(folder, { recursive: true, force: true });
    });

    it(
      'a table dropped on the window is understood, corrected, imported and trained on',
      { timeout: longMs },
      async () => {
        expect(await dropFile(page(), join(folder, 'flowers.csv'))).toBe('Drop to import');
        await page().getByText('What was found').waitFor({ timeout: 30_000 });
        await expect.poll(() => page().getByLabel('Target').inputValue()).toBe('species');
        expect(await page().getByLabel('Use of the column id').inputValue()).toBe('ignore');
        await expect.poll(() => page().locator('[data-warning=idColumn]').innerText()).toContain('numbers the rows');

        await page().getByLabel('Task').selectOption('regression');
        const problem = page().locator('[data-choice=task] [role=alert]');
        await problem.waitFor({ timeout: 30_000 });
        expect(await problem.innerText()).toContain('flowers.csv, row 2, column "species"');
        await page().getByLabel('Task').selectOption('classes');
        await problem.waitFor({ state: 'detached', timeout: 30_000 });
        await page().getByLabel('Test share').fill('25 %');
        await importAndTrain(page());
      },
    );

    it('a folder of pictures is a class for each folder, and trains too', { timeout: longMs }, async () => {
      await dropFile(page(), join(folder, 'colours'));
      await page().getByText('Some of each class, as they will be stored').waitFor({ timeout: 30_000 });
      await expect
        .poll(() => page().getByRole('list', { name: 'Class balance' }).innerText())
        .toMatch(/blue\s+12\s+red\s+12/);
      await page()
        .getByRole('img', { name: /^blue, from / })
        .first()
        .waitFor();
      // what a browser sent goes after the import, so its pixels cannot stay where they are
      const pixels = page().getByLabel('Pixels');
      expect(await pixels.count()).toBe(surface.name === 'its own window' ? 1 : 0);
      await page().getByLabel('Height').fill('12');
      await page().getByLabel('Width').fill('12');
      await importAndTrain(page());
    });

    it('what was chosen is shown with the dataset, and deleting it names its runs', { timeout: longMs }, async () => {
      await openView(page(), 'Datasets');
      await page()
        .getByRole('button', { name: /^flowers/ })
        .click();
      const record = page().getByRole('region', { name: 'How it was imported' });
      await record.waitFor();
      expect(await record.innerText()).toContain('25.00 % test');
      await page().getByRole('columnheader', { name: 'petal width' }).waitFor();
      await page().getByRole('button', { name: 'More actions' }).click();
      await page().getByText('Delete…').click();
      const dialog = page()
        .getByRole('dialog', { name: /Delete “flowers”/ })
        .or(page().locator('.n-dialog'));
      await dialog.first().waitFor();
      expect(await dialog.first().innerText()).toContain('were trained on it');
      await page().getByRole('button', { name: 'Delete', exact: true }).click();
      await page().getByText('“flowers” is deleted').waitFor();
      await expect
        .poll(() =>
          page()
            .getByRole('button', { name: /^flowers/ })
            .count(),
        )
        .toBe(0);
    });

    it('is imported with the keyboard alone, and what is wrong with a file is said', { timeout: longMs }, async () => {
      await writeFile(join(folder, 'ragged.csv'), 'a,b\n1,2\n3\n');
      await openView(page(), 'Runs');
      await page().locator('body').press('g');
      await page().locator('body').press('i');
      const path = page().getByLabel(/path on/);
      await path.fill(join(folder, 'ragged.csv'));
      await path.press('Enter');
      const alert = page().getByRole('alert').filter({ hasText: 'This cannot be imported as it is' });
      await alert.waitFor({ timeout: 30_000 });
      expect(await alert.innerText()).toContain('row 3');
      await page().getByRole('button', { name: 'Choose other files' }).first().press('Enter');
      await path.fill(join(folder, 'flowers.csv'));
      await path.press('Enter');
      await page().getByText('What was found').waitFor({ timeout: 30_000 });
      await page().getByLabel('Name', { exact: true }).fill('by hand');
      const start = page().getByRole('button', { name: 'Import', exact: true });
      await expect.poll(() => start.isEnabled(), { timeout: 30_000 }).toBe(true);
      await start.press('Enter');
      await page().getByText('“by hand” is imported').waitFor({ timeout: 60_000 });
    });

    it('leaves no file that was sent, and no complaint in the console', async () => {
      const sent = await readdir(join(folder, 'data', 'transfers')).catch(() => []);
      expect(sent).toEqual([]);
      expect(workbench.complaints).toEqual([]);
    });
  });
}

for (const surface of surfaces()) {
  if (surface.open) story(surface, surface.open);
  else process.stderr.write(`Not checked: importing in ${surface.name} (${surface.reason}).\n`);
}
