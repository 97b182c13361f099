import type { Page } from 'playwright-core';
import type { PicturedView } from './picturedView.ts';
import { namesOfRuns } from './scene.ts';

const showTab = (name: string): PicturedView['open'] =>
  async function open(page: Page, go, idOf) {
    await go(`/studies/${idOf(namesOfRuns.study)}`);
    await page.getByRole('tab', { name, exact: true }).click();
    await page.getByRole('main').locator('svg, table').first().waitFor();
  };

/** Several runs as one thing, the experiments of the paper, and help with a learning rate. */
export const studyViews: readonly PicturedView[] = [
  {
    name: 'studies',
    title: 'Studies',
    text: 'Sets of runs with what they say so far.',
    scene: 'full',
    open: (_page, go) => go('/studies'),
  },
  {
    name: 'study',
    title: 'A study: results',
    text: 'A winner is named only where the seeds tell; else how many more are needed.',
    scene: 'full',
    open: showTab('Results'),
  },
  {
    name: 'study-plot',
    title: 'A study: plot',
    text: 'The mean of every setting with its spread over the seeds.',
    scene: 'full',
    open: showTab('Plot'),
  },
  {
    name: 'study-heat',
    title: 'A study: heat map',
    text: 'Two settings against each other.',
    scene: 'full',
    open: showTab('Heat map'),
  },
  {
    name: 'study-parallel',
    title: 'A study: parallel coordinates',
    text: 'Every setting as a line through its values to its result.',
    scene: 'full',
    open: showTab('Parallel coordinates'),
  },
  {
    name: 'study-new',
    title: 'New study',
    text: 'Optimizers, seeds and a search over any setting.',
    scene: 'full',
    open: (_page, go) => go('/studies/new'),
  },
  {
    name: 'paper',
    title: 'The paper',
    text: 'Every experiment as a recipe, scaled to what this machine can do, with what deviates.',
    scene: 'full',
    async open(page, go) {
      await go('/paper');
      await page.locator('[data-recipe]').first().waitFor();
    },
  },
  {
    name: 'toy',
    title: 'The toy figure',
    text: 'The paths of several optimizers in a bowl, and p on the way.',
    scene: 'full',
    async open(page, go) {
      await go('/paper/figure-3');
      await page.getByRole('img', { name: /Strongly curved/ }).waitFor();
    },
  },
  {
    name: 'learning-rate',
    title: 'Learning rate',
    text: 'A range test, and what a rate of SGD means for LPSGDM.',
    scene: 'full',
    open: (_page, go) => go('/learning-rate'),
  },
];
