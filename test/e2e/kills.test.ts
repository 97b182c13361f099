import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openView, seesStatus } from './page.ts';
import { surfaces, type OpenedWorkbench, type Surface } from './surface.ts';

/** More than a test lasts. */
const manyEpochs = '9000';

/** Starts a long run from the form and shows it. */
async function startLongRun(page: Page): Promise<void> {
  await openView(page, 'New run');
  const epochs = page.getByLabel('Epochs', { exact: true });
  await epochs.fill(manyEpochs);
  await epochs.press('Tab');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/#\/runs\/\w+/);
  await seesStatus(page, 'Running');
}

/** The step that a text of the page shows as the run's progress: `Step` over `1,234 / 108,000`. */
function stepIn(text: string): number {
  const [, step = 'none'] = /^Step\s+([\d,]+) \//m.exec(text) ?? [];
  return Number(step.replaceAll(',', ''));
}
const shownStep = async (page: Page): Promise<number> => stepIn(await page.locator('main').innerText());

/**
 * Watches the progress on the screen until it has moved several times. Only what the database has is shown, so the longest
 * time it stood still is the most that a kill in this while could have lost.
 */
async function watchProgress(page: Page): Promise<{ step: number; longestStandMs: number }> {
  let step = await shownStep(page);
  let movedAtMs: number | null = null;
  let longestStandMs = 0;
  for (let moves = 0; moves < 6;) {
    const next = await shownStep(page);
    const nowMs = performance.now();
    if (movedAtMs !== null) longestStandMs = Math.max(longestStandMs, nowMs - movedAtMs);
    if (next > step) {
      step = next;
      movedAtMs = nowMs;
      moves++;
    } else await page.waitForTimeout(20);
  }
  return { step, longestStandMs };
}

function kills(surface: Surface, open: NonNullable<Surface['open']>): void {
  describe(`in ${surface.name}, in the middle of a run`, { timeout: 120_000 }, () => {
    let dataDir: string;
    let workbench: OpenedWorkbench;
    const page = (): Page => workbench.page;
    beforeEach(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'lp-workbench-kills-'));
      workbench = await open(dataDir);
      await startLongRun(page());
    });
    afterEach(async () => {
      await workbench.end();
      await rm(dataDir, { recursive: true, force: true });
    });

    it('a killed worker costs less than a second, and the page says what happened and goes on', async () => {
      const { step, longestStandMs } = await watchProgress(page());
      expect(longestStandMs).toBeLessThan(1_000);
      const [worker, ...others] = await workbench.workerPids();
      expect(others).toEqual([]);
      process.kill(worker!, 'SIGKILL');
      await seesStatus(page(), 'Interrupted');
      const alert = page().getByRole('alert').filter({ hasText: 'This run was interrupted' });
      expect(await alert.innerText()).toMatch(/process|worker/i);
      await page().getByRole('region', { name: 'Notifications' }).getByText('Run interrupted').waitFor();
      expect(await shownStep(page())).toBeGreaterThanOrEqual(step);
      await alert.getByRole('button', { name: /^Resume from the last checkpoint|^Start again/ }).click();
      await seesStatus(page(), 'Running');
    });

    it('a page that crashed comes back to the run, which trained on', async () => {
      const { step } = await watchProgress(page());
      const read = await workbench.crashPage();
      await expect.poll(async () => stepIn(await read()), { timeout: 20_000 }).toBeGreaterThan(step);
      // a browser tells of a crashed page itself
      const words = surface.name === 'its own window' ? ['The page crashed and was loaded again'] : [];
      const text = await read();
      for (const word of ['Running', ...words]) expect(text).toContain(word);
    });

    it('a killed program costs less than a second, and the next start says so and leads to the run', async () => {
      const { step, longestStandMs } = await watchProgress(page());
      expect(longestStandMs).toBeLessThan(1_000);
      process.kill(workbench.hostPid, 'SIGKILL');
      if (surface.name === 'a browser') {
        await page().getByRole('alert').getByText('The workbench is not reachable').waitFor();
      }
      await workbench.end();
      workbench = await open(dataDir);
      await page().getByText('A run was interrupted').waitFor();
      await page().getByRole('button', { name: 'Show them' }).click();
      await page()
        .getByRole('link', { name: /^lpsgdm/ })
        .first()
        .click();
      await page().waitForURL(/#\/runs\/\w+/);
      await page()
        .getByRole('heading', { level: 1, name: /^lpsgdm/ })
        .waitFor();
      await seesStatus(page(), 'Interrupted');
      expect(await shownStep(page())).toBeGreaterThanOrEqual(step);
    });
  });
}

for (const surface of surfaces()) {
  if (surface.open) kills(surface, surface.open);
  else process.stderr.write(`Not checked: what is seen of a kill in ${surface.name} (${surface.reason}).\n`);
}
