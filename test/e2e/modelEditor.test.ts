import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseFromMenu, openView, seesStatus } from './page.ts';
import { chromiumProgram, openBrowser, serveWorkbench, type OpenedBrowser, type ServedWorkbench } from './surface.ts';

const program = chromiumProgram();
if (!program) process.stderr.write('Not checked: the model editor in a browser (no Chromium).\n');

const keras = {
  class_name: 'Sequential',
  config: {
    layers: [
      { class_name: 'InputLayer', config: { name: 'input', batch_shape: [null, 8, 8, 1] } },
      {
        class_name: 'Conv2D',
        config: { name: 'conv', filters: 4, kernel_size: [3, 3], padding: 'same', use_bias: false },
      },
      { class_name: 'BatchNormalization', config: { name: 'norm', momentum: 0.9 } },
      { class_name: 'ReLU', config: { name: 'relu' } },
      { class_name: 'GlobalAveragePooling2D', config: { name: 'pool' } },
      { class_name: 'Dense', config: { name: 'logits', units: 10, activation: 'softmax' } },
    ],
  },
};

/** What tfjs saves, with its weights in one file. */
const savedModel = {
  format: 'layers-model',
  modelTopology: { model_config: keras },
  weightsManifest: [
    {
      paths: ['weights.bin'],
      weights: [
        { name: 'conv/kernel', shape: [3, 3, 1, 4], dtype: 'float32' },
        ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => ({
          name: `norm/${name}`,
          shape: [4],
          dtype: 'float32',
        })),
        { name: 'logits/kernel', shape: [4, 10], dtype: 'float32' },
        { name: 'logits/bias', shape: [10], dtype: 'float32' },
      ],
    },
  ],
};

describe.runIf(program)('the model editor', () => {
  let dataDir: string;
  let served: ServedWorkbench;
  let browser: OpenedBrowser;
  const page = (): Page => browser.page;
  const press = (name: string): Promise<void> => page().getByRole('button', { name, exact: true }).click();
  const choose = (name: string): Promise<void> => chooseFromMenu(page(), name);
  const add = async (name: string): Promise<void> => {
    await press('Add layer');
    await choose(name);
  };
  const layers = (): Locator => page().locator('[role="treeitem"].layer');
  /** what stands in the list, from the first layer to the last */
  const names = async (): Promise<string[]> =>
    (await layers().locator('.name').allInnerTexts()).map((name) => name.trim());
  const sees = async (...expected: string[]): Promise<void> => {
    await expect.poll(names).toEqual(expected);
  };
  const setting = (label: string): Locator => page().getByRole('complementary').getByLabel(label, { exact: true });
  const wrong = (): Locator => page().locator('.row.wrong');

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-editor-'));
    served = await serveWorkbench(dataDir);
    browser = await openBrowser(program!, served.url);
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openView(page(), 'Models');
    await page().getByLabel('Sample shape').fill('8, 8, 1');
    await press('Start from');
    await choose('Small CNN');
  }, 240_000);
  afterAll(async () => {
    await browser?.end();
    await served?.end();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('adds, changes, duplicates, moves and removes layers, with shapes and counts that follow', async () => {
    const [conv, pool, norm] = ['Convolution 2D', 'Max pooling 2D', 'Batch norm'];
    await sees(conv, pool, conv, pool, 'Flatten');
    await layers().last().click();
    await press('Delete');
    await add(norm);
    await sees(conv, pool, conv, pool, norm);
    await layers().first().click();
    await setting('Filters').fill('24');
    await expect.poll(() => layers().first().innerText()).toMatch(/8 × 8 × 24\s+240/);
    await press('Duplicate');
    await sees(conv, conv, pool, conv, pool, norm);
    await press('Move down');
    await sees(conv, pool, conv, conv, pool, norm);
    await press('Delete');
    await sees(conv, pool, conv, pool, norm);
    await press('Undo');
    await sees(conv, pool, conv, conv, pool, norm);
    await press('Redo');
    await sees(conv, pool, conv, pool, norm);
  });

  it('builds a residual block, and says at the layer in it what does not fit', async () => {
    await layers().last().click();
    await add('Residual block');
    await press('Add a layer to the body');
    await choose('Convolution 2D');
    // two numbers of channels cannot be added
    await setting('Filters').fill('5');
    await expect.poll(() => wrong().first().innerText()).toMatch(/Residual block/);
    await page().getByText('1 layer needs attention').waitFor();
    await setting('Filters').fill('32');
    await expect.poll(() => wrong().count()).toBe(0);
  });

  it('shows an error at the layer that causes it, leads to it, and trains nothing meanwhile', async () => {
    await layers().last().click();
    const before = await names();
    await add('Dense');
    await add('Max pooling 2D');
    await page().getByText('1 layer needs attention').waitFor();
    await expect.poll(() => wrong().allInnerTexts()).toEqual([expect.stringMatching(/Dense[\s\S]*flat/)]);
    expect(await page().getByRole('button', { name: 'Use in a new run' }).isDisabled()).toBe(true);
    await press('Show');
    await expect.poll(() => wrong().getAttribute('aria-selected')).toBe('true');
    await press('Undo');
    await press('Undo');
    await sees(...before);
  });

  it('gives its layers as JSON and takes the same JSON again', async () => {
    const total = page().locator('.foot .numbers');
    const before = await total.innerText();
    await press('Copy JSON');
    const clipboard = (): Promise<string> => page().evaluate(() => navigator.clipboard.readText());
    await expect.poll(clipboard).toContain('"residual"');
    const json = await clipboard();
    await press('Start from');
    await choose('LeNet-5');
    await expect.poll(() => total.innerText()).not.toBe(before);
    await press('Import…');
    await page().getByLabel('Model as JSON').fill('[{"type": "conv3d"}]');
    await press('Open in the editor');
    await page().getByRole('alert').getByText('The model is not valid').waitFor();
    await page().getByLabel('Model as JSON').fill(json);
    await press('Open in the editor');
    await expect.poll(() => total.innerText()).toBe(before);
  });

  it('reads a model of tfjs with its weights, says when they no longer fit, and trains what it shows', async () => {
    await press('Import…');
    const numbers = Float32Array.from({ length: 36 + 4 * 4 + 40 + 10 }, (_, i) => 0.1 + (i % 7) / 10);
    await page()
      .locator('input[type="file"][aria-label="Choose files…"]')
      .setInputFiles([
        { name: 'model.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(savedModel)) },
        { name: 'weights.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(numbers.buffer) },
      ]);
    await page().getByText('Runs begin with its weights, 5 variables.').waitFor();
    await sees('Convolution 2D', 'Batch norm', 'Activation', 'Global average pooling');
    await page().getByText('with the imported weights').waitFor();
    await layers().nth(2).click();
    await press('Delete');
    await page().getByText('The layers were changed').waitFor();
    await press('Undo');
    await page().getByText('with the imported weights').waitFor();
    // 3 · 3 · 1 · 4 weights, gamma and beta of 4, 4 · 10 + 10 of the output
    await page().getByText('4 layers, 94 parameters').waitFor();
    await press('Use in a new run');
    await page().getByText('Begins with the imported weights').waitFor();
    await page().getByLabel('Epochs', { exact: true }).fill('1');
    await page().getByLabel('Epochs', { exact: true }).press('Tab');
    await page().locator('[data-action="start"]').click();
    await page().waitForURL(/#\/runs\/\w+/);
    await seesStatus(page(), 'completed', 120_000);
    await page().getByRole('tab', { name: 'Log' }).click();
    await page().getByText('Begins with the imported weights.').waitFor();
    expect(browser.complaints).toEqual([]);
  }, 180_000);

  it('makes a study of what stands in the form of a new run', async () => {
    await openView(page(), 'New run');
    const beta = page().locator('[data-field="optimizer.hyperparameters.beta"] input').first();
    await beta.fill('0.8');
    await beta.press('Tab');
    await press('Make a study');
    await page().getByText('digits · layers · 1 epochs').waitFor();
    await page().getByText('LPSGDM keeps from the form of a new run: beta 0.8').waitFor();
    await page().getByLabel('Seeds').fill('4');
    await press('Keep without starting');
    await page().waitForURL(/#\/studies\/\w+/);
    await page().getByRole('heading', { name: 'LPSGDM, SGDM on digits, layers' }).waitFor();
    await page().getByText('0 of 2 runs').waitFor();
    expect(browser.complaints).toEqual([]);
  });
});
