import { setTimeout as sleep } from 'node:timers/promises';
import type { RunConfigInput } from '../../src/core/contract/runConfig.ts';
import { sampleRunConfig } from '../../src/core/runs/sampleRun.ts';
import type { StudySpecInput } from '../../src/core/studies/studySpec.ts';
import { divergingRun, endlessRun, openTestApp, smallRun } from '../main/services/testApp.ts';

/** Names of runs, and of a study, that views are opened with. */
export const namesOfRuns = {
  sample: 'lpsgdm cnn digits seed 0',
  failed: 'sgd with a learning rate that is far too large',
  long: 'annealed from p = 6 over the whole run, weight decay 0.001, the same rows for every seed, third attempt after the warm-up was made longer, on the laptop',
  stopped: 'stopped half way',
  study: 'p_max and the learning rate on digits',
} as const;

const seeds = [0, 1, 2];
const compared: Record<string, RunConfigInput> = {
  lpsgdm: {
    optimizer: { id: 'lpsgdm', hyperparameters: { weightDecay: 0.001 } },
    learningRate: { base: 0.01 },
  },
  sgdm: { optimizer: { id: 'sgdm' }, learningRate: { base: 0.05 } },
  adamw: { optimizer: { id: 'adamw' }, learningRate: { base: 0.003 } },
};

const studied: StudySpecInput = {
  base: { dataset: { id: 'digits' }, model: { preset: 'mlp' }, epochs: 10 },
  optimizers: [{ id: 'lpsgdm' }, { id: 'sgdm', settings: { 'learningRate.base': 0.05 } }],
  seeds,
  search: {
    kind: 'grid',
    axes: [
      { path: 'learningRate.base', values: [0.003, 0.01, 0.03], only: ['LPSGDM'] },
      { path: 'pSchedule.pMax', values: [2, 6, 10], only: ['LPSGDM'] },
    ],
  },
};

/** Trains for real what the pictures show: a comparison over seeds, and runs that ended in every way. */
export async function prepareScene(dataDir: string): Promise<void> {
  const { app, runs, train, untilStatus, until } = openTestApp(dataDir, { concurrency: 2, softwareVersion: '0.1.0' });
  try {
    const comparison = Object.entries(compared).flatMap(([id, settings]) =>
      seeds.map((seed) =>
        runs.create({
          config: {
            ...settings,
            dataset: { id: 'digits' },
            model: { preset: 'mlp' },
            split: { validation: 0.1, test: 0.2 },
            epochs: 30,
            seed,
          },
          name: `${id} mlp digits seed ${seed}`,
          tags: ['baseline study'],
        }),
      ),
    );
    const created = await Promise.all(comparison);
    const sample = await train(sampleRunConfig, namesOfRuns.sample);
    const failed = await train(divergingRun(), namesOfRuns.failed);
    const long = await runs.create({
      config: smallRun({ dataset: { id: 'spirals' }, epochs: 60 }),
      name: namesOfRuns.long,
      tags: ['laptop', 'warm-up', 'a tag that is longer than tags should be', 'third attempt'],
      note: 'The second attempt diverged in epoch 3; see its gradient norm. Compare with the baseline study before going on to CIFAR-10.',
    });
    const stopped = await train(endlessRun(), namesOfRuns.stopped);
    const trashed = await train(smallRun(), 'a first try');
    const ended = ['completed', 'failed'] as const;
    for (const run of [...created, sample, failed, long]) await untilStatus(run, ...ended);
    await until(stopped, ({ step }) => step > 200);
    await runs.stop({ runId: stopped.id });
    await untilStatus(stopped, 'stopped');
    await untilStatus(trashed, ...ended);
    await runs.delete({ runId: trashed.id });
    await runs.setNote({ runId: sample.id, note: 'The sample: p falls from 6 to 2 while the test accuracy rises.' });
    const study = await app.studies.create({ name: namesOfRuns.study, spec: studied });
    await app.studies.start({ studyId: study.id });
    while ((await app.studies.get({ studyId: study.id })).status === 'running') await sleep(200);
    await app.presets.save({ name: 'digits, LPSGDM', config: JSON.parse(JSON.stringify(sampleRunConfig)) });
    await app.datasets.describe({ id: 'blobs' });
  } finally {
    await app.close();
  }
}

/** What trains and waits while the pictures are taken. */
export const training: readonly { name: string; config: RunConfigInput }[] = [
  { name: 'lpsgdm mlp digits, training now', config: { epochs: 20_000, batchSize: 32, model: { preset: 'mlp' } } },
  { name: 'next: lion', config: { optimizer: { id: 'lion' }, epochs: 200 } },
  { name: namesOfRuns.long, config: { optimizer: { id: 'sgdm' }, learningRate: { base: 0.05 }, epochs: 200 } },
];
