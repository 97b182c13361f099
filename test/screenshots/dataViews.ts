import { dropFile } from '../e2e/dropFile.ts';
import type { PicturedView } from './picturedView.ts';

/** What there is to train on, and what is trained. */
export const dataViews: readonly PicturedView[] = [
  {
    name: 'datasets',
    title: 'Datasets',
    text: 'What there is to train on, with its facts and some of its samples.',
    scene: 'full',
    async open(page, go) {
      await go('/datasets');
      await page.getByRole('button', { name: /Train/ }).first().waitFor();
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'import-table',
    title: 'Import: a table',
    text: 'Every column with its type and distribution, what is to be learned, how it is divided, and warnings.',
    scene: 'full',
    async open(page, go, _idOf, { table }) {
      await go('/datasets');
      await dropFile(page, table);
      await page.getByText('What was found').waitFor({ timeout: 60_000 });
      await page.locator('[data-warning]').first().waitFor();
    },
  },
  {
    name: 'import-images',
    title: 'Import: images',
    text: 'A folder for each class, as the pictures will be stored.',
    scene: 'full',
    async open(page, go, _idOf, { pictures }) {
      await go('/datasets');
      await dropFile(page, pictures);
      await page.getByText('Some of each class, as they will be stored').waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'models',
    title: 'Model editor',
    text: 'Layers with their shapes and parameters; a residual block has branches.',
    scene: 'full',
    async open(page, go) {
      await go('/models');
      await page.getByRole('button', { name: 'Start from' }).click();
      await page.getByText('ResNet-18', { exact: true }).click();
      await page
        .getByText(/parameters/)
        .first()
        .waitFor();
    },
  },
];
