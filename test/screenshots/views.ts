import type { Page } from 'playwright-core';
import { dataViews } from './dataViews.ts';
import type { PicturedView } from './picturedView.ts';
import { namesOfRuns } from './scene.ts';
import { studyViews } from './studyViews.ts';

const drawn = (page: Page): Promise<void> =>
  page
    .getByRole('img', { name: /^Line chart of .*showing/ })
    .first()
    .waitFor();

async function chooseTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
}

const seedsOf = (optimizer: string): string[] => [0, 1, 2].map((seed) => `${optimizer} mlp digits seed ${seed}`);
const comparison = ['lpsgdm', 'sgdm', 'adamw'].flatMap(seedsOf);

export const picturedViews: readonly PicturedView[] = [
  {
    name: 'runs-empty',
    title: 'The first start',
    text: 'An empty data folder says what to do first; a sample run is one click away.',
    scene: 'empty',
    open: (_page, go) => go('/runs'),
  },
  {
    name: 'new-run',
    title: 'New run',
    text: 'Dataset, model, optimizer with its formula, schedules with a live preview, and advice on the settings.',
    scene: 'full',
    async open(page, go) {
      await go('/new');
      await page.locator('canvas').first().waitFor();
      await page.locator('.katex').first().waitFor();
    },
  },
  {
    name: 'new-run-warnings',
    title: 'New run: advice',
    text: 'A learning rate that suits SGD but not p > 2, and a setting that cannot be, are said beside the form.',
    scene: 'full',
    async open(page, go) {
      await go('/new');
      await page.locator('.katex').first().waitFor();
      const rate = page.locator('[data-field="learningRate.base"] input').first();
      await rate.fill('0.1');
      await rate.press('Tab');
      const epochs = page.getByLabel('Epochs', { exact: true });
      await epochs.fill('0');
      await epochs.press('Tab');
    },
  },
  {
    name: 'runs',
    title: 'Runs',
    text: 'Every run, with columns of choice, tags and a filter.',
    scene: 'full',
    async open(page, go) {
      await go('/runs');
      // the view before may have left it on, which is remembered
      await page.getByRole('checkbox', { name: 'Group by seed' }).uncheck();
    },
  },
  {
    name: 'runs-filtered',
    title: 'Runs: filter, groups and selection',
    text: 'Runs that differ by their seed only as one row with mean and spread; what is selected can be changed together.',
    scene: 'full',
    async open(page, go) {
      await go('/runs');
      await page.getByRole('combobox', { name: 'Filter runs' }).fill('tag = "baseline study" and testAccuracy > 50%');
      await page.getByRole('checkbox', { name: 'Group by seed' }).check();
      await page.getByRole('checkbox', { name: 'Select all' }).check();
      await page.getByRole('heading', { level: 1 }).click();
    },
  },
  {
    name: 'runs-trash',
    title: 'Trash',
    text: 'Deleted runs wait until they are removed for good.',
    scene: 'full',
    async open(page, go) {
      await go('/runs');
      await page.getByRole('tab', { name: /^Trash/ }).click();
    },
  },
  {
    name: 'run',
    title: 'A run',
    text: 'Curves with every raw point under the smoothed line, p and its schedule, and the checkpoint marked as best.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.sample)}`);
      await drawn(page);
    },
  },
  {
    name: 'run-live',
    title: 'A run that trains',
    text: 'Progress, time left and curves that move.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId('lpsgdm mlp digits, training now')}`);
      await drawn(page);
    },
  },
  {
    name: 'run-failed',
    title: 'A run that failed',
    text: 'What happened, where, and the ways on.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.failed)}`);
      await page.getByText('This run failed').waitFor();
    },
  },
  {
    name: 'run-long-names',
    title: 'Long names, many tags, a note',
    text: 'They are cut where they must be and whole on hovering.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.long)}`);
      await drawn(page);
    },
  },
  {
    name: 'run-settings',
    title: 'A run: settings',
    text: 'The whole configuration as it was stored, to read or as JSON.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.sample)}`);
      await chooseTab(page, 'Settings');
    },
  },
  {
    name: 'run-checkpoints',
    title: 'A run: checkpoints',
    text: 'What a run can be resumed or branched from, and what it costs on the disk.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.sample)}`);
      await chooseTab(page, 'Checkpoints');
    },
  },
  {
    name: 'run-log',
    title: 'A run: log',
    text: 'What the worker and the workbench said.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.failed)}`);
      await chooseTab(page, 'Log');
    },
  },
  {
    name: 'run-branch',
    title: 'Branch from a checkpoint',
    text: 'A new run goes on from a checkpoint with other settings.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.sample)}`);
      await page.getByRole('button', { name: /^Branch/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'compare',
    title: 'Compare: curves',
    text: 'Runs over each other; the seeds of one setting as a mean with a band.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/compare?ids=${comparison.map(runId).join(',')}`);
      await drawn(page);
    },
  },
  {
    name: 'compare-differences',
    title: 'Compare: what differs',
    text: 'Only the settings in which the runs differ.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/compare?ids=${comparison.map(runId).join(',')}`);
      await chooseTab(page, 'What differs');
    },
  },
  {
    name: 'compare-results',
    title: 'Compare: final numbers',
    text: 'Mean and spread over the seeds; the best of each column is bold.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/compare?ids=${comparison.map(runId).join(',')}`);
      await chooseTab(page, 'Final numbers');
    },
  },
  {
    name: 'run-results',
    title: 'A run: results',
    text: 'What the trained model does on its test data: confusion, precision and recall, the worst samples, files of your own.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/runs/${runId(namesOfRuns.sample)}`);
      await chooseTab(page, 'Results');
      await page.getByRole('heading', { name: 'Precision and recall' }).waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'report',
    title: 'Report',
    text: 'Sections, charts and notes at the left; the page as it is sent or printed at the right.',
    scene: 'full',
    async open(page, go, runId) {
      await go(`/report?runs=${comparison.map(runId).join(',')}`);
      const paper = page.frameLocator('iframe[title="Preview of the report"]');
      await paper.getByRole('heading', { level: 1 }).waitFor({ timeout: 60_000 });
    },
  },
  ...studyViews,
  {
    name: 'queue',
    title: 'Queue',
    text: 'What trains and what waits, in an order that can be changed.',
    scene: 'full',
    open: (_page, go) => go('/queue'),
  },
  ...dataViews,
  {
    name: 'devices',
    title: 'Devices',
    text: 'What this machine can train on, and why a device cannot be used.',
    scene: 'full',
    async open(page, go) {
      await go('/devices');
      await page.locator('[aria-busy="false"] li').first().waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'settings',
    title: 'Settings',
    text: 'The data folder and its disk use, retention of checkpoints, theme, shortcuts.',
    scene: 'full',
    async open(page, go) {
      await go('/settings');
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'palette',
    title: 'Command palette',
    text: 'Everything frequent from the keyboard: Ctrl+K.',
    scene: 'full',
    async open(page, go) {
      await go('/runs');
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type('lps');
    },
  },
];
