import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openView } from './page.ts';
import { surfaces, type OpenedWorkbench } from './surface.ts';

const [browser] = surfaces();

describe.skipIf(!browser?.open)(`studies in ${browser?.name ?? 'a browser'} ${browser?.reason ?? ''}`, () => {
  let dataDir: string;
  let workbench: OpenedWorkbench | undefined;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-studies-'));
    workbench = await browser!.open!(dataDir);
  }, 240_000);
  afterAll(async () => {
    await workbench?.end();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('a recipe starts with one click after its scale is set, and ends beside the paper’s numbers', async () => {
    const { page } = workbench!;
    await openView(page, 'Paper');
    const scale = page.getByRole('group', { name: 'Train on' });
    await scale.getByLabel('Epochs').fill('1');
    await scale.getByLabel('Seeds').fill('0');
    const card = page.locator('[data-recipe="cifar10-resnet18"]');
    await card.getByText('1 epoch of about ten steps in place of 200').waitFor();
    await card.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/#\/studies\/\w+/);
    await page.getByText('4 of 4 runs').waitFor({ timeout: 200_000 });
    await page.getByRole('main').getByText('More seeds are needed', { exact: true }).waitFor();
    await page.getByText('Beside the paper', { exact: true }).click();
    const paper = page.getByRole('row', { name: /^LPSGDM 94\.81 ± 0\.19/ });
    expect(await paper.innerText()).toMatch(/\(1\)/);
    await page.getByText('npx lp-workbench recipe run cifar10-resnet18 --digits --epochs 1 --seeds 0').waitFor();
  }, 240_000);

  it('the toy figure is drawn anew for every choice', async () => {
    const { page } = workbench!;
    await openView(page, 'Paper');
    await page.getByRole('button', { name: 'Draw it' }).click();
    const figure = page.getByRole('img', { name: /Strongly curved/ });
    await figure.waitFor();
    const before = await figure.innerHTML();
    await page.getByLabel('Learning rate').first().fill('0.011');
    await page.getByLabel('Learning rate').first().press('Tab');
    await expect.poll(() => figure.innerHTML()).not.toBe(before);
    // beyond 2 / 200 gradient descent leaves the bowl
    await expect.poll(() => figure.textContent()).toContain('SGD, 0.011');
  });

  it('a learning rate is translated with its reason', async () => {
    const { page } = workbench!;
    await openView(page, 'New run');
    await page.getByRole('link', { name: 'Find or translate a learning rate…' }).click();
    await page.getByText('0.00398').waitFor();
    await page.getByText('This is a factor of 10.').waitFor();
    expect(workbench!.complaints).toEqual([]);
  });
});
