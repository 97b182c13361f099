import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/contract/runs.ts';
import type { StudyRun } from '../../../src/core/contract/studies.ts';
import { claimCard, claimCardMarkdown } from '../../../src/core/recipes/claimCard.ts';
import { findRecipe, isToyRecipe, recipeCatalogue, recipeIds } from '../../../src/core/recipes/catalogue.ts';
import type { Recipe } from '../../../src/core/recipes/recipe.ts';
import { deviationsOf, fitsRecipe, recipeStudy, recipeStudyName } from '../../../src/core/recipes/recipeStudy.ts';
import { createLearningRateSchedule } from '../../../src/core/schedules/learningRateSchedule.ts';
import { createPSchedule } from '../../../src/core/schedules/pSchedule.ts';
import { planStudy } from '../../../src/core/studies/planStudy.ts';
import { studyTable } from '../../../src/core/studies/studyTable.ts';
import { madeRun } from '../runs/madeRun.ts';

const recipe = (id: string): Recipe => {
  const found = findRecipe(id);
  if (isToyRecipe(found)) throw new Error('trains nothing');
  return found;
};
const classes = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
const cifar10 = {
  id: 'my-cifar',
  shape: [32, 32, 3],
  classes: classes(10),
  parts: { train: 50_000, validation: 0, test: 10_000 },
};
const imageNet = {
  id: 'my-imagenet',
  shape: [224, 224, 3],
  classes: classes(1000),
  parts: { train: 1_281_167, validation: 0, test: 50_000 },
};

describe('every recipe', () => {
  it('has an id of its own', () => {
    expect(new Set(recipeIds).size).toBe(recipeIds.length);
    expect(() => findRecipe('fig4-pmx')).toThrow('did you mean "fig4-pmax"');
  });
  it.each(recipeCatalogue.map(({ id }) => id))('%s makes valid runs of both kinds, and says what deviates', (id) => {
    const dataset =
      recipe(id).task === 'ImageNet-1K'
        ? imageNet
        : { ...cifar10, classes: classes(recipe(id).task === 'CIFAR-10' ? 10 : 100) };
    const full = recipeStudy(recipe(id), { dataset, seeds: [0, 1, 2] });
    expect(full.deviations).toEqual([]);
    const { runs } = planStudy(full.spec);
    expect(runs[0]!.config).toMatchObject({
      epochs: recipe(id).epochs,
      batchSize: 128,
      model: { preset: recipe(id).model.preset },
      learningRate: { kind: 'cosine', end: 0, warmup: { length: 5, unit: 'epochs' } },
    });
    const small = recipeStudy(recipe(id), { dataset: null, seeds: [0] });
    expect(planStudy(small.spec).runs.length).toBeGreaterThan(1);
    expect(small.deviations[0]).toContain('Scaled to digits');
    expect(recipe(id).open.length).toBeGreaterThan(3);
  });
});

it('the ResNet-18 recipe on CIFAR-10 has the paper’s hyperparameters', () => {
  const { spec } = recipeStudy(recipe('cifar10-resnet18'), { dataset: cifar10, seeds: [0] });
  const configs = planStudy(spec).runs.map(({ config }) => config);
  expect(
    configs.map(({ optimizer, learningRate, pSchedule }) => [
      optimizer.id,
      learningRate.base,
      optimizer.hyperparameters['weightDecay'],
      ...(optimizer.id === 'lpsgdm' ? [pSchedule.pMax] : []),
    ]),
  ).toEqual([
    ['lpsgdm', 1e-3, 1e-2, 6],
    ['sgdm', 0.1, 1e-3],
    ['adamw', 1e-3, 0.1],
    ['lion', 1e-4, 1e-3],
  ]);
  expect(configs[3]!.optimizer.hyperparameters).toMatchObject({ beta1: 0.9, beta2: 0.999 });
  expect(configs[0]!.augmentation).toMatchObject({ padCrop: 4, horizontalFlip: 0.5 });
});

it('a shorter run keeps the shape of the schedules', () => {
  const chosen = recipe('cifar10-resnet18');
  const lengths = [undefined, 40].map((epochs) => {
    const { spec } = recipeStudy(chosen, { dataset: cifar10, seeds: [0], scale: epochs ? { epochs } : {} });
    return planStudy(spec).runs[0]!.config;
  });
  const [full, short] = lengths.map(({ epochs, learningRate, pSchedule }) => {
    const run = { epochs, stepsPerEpoch: 400 };
    const [rates, ps] = [createLearningRateSchedule(learningRate, run), createPSchedule(pSchedule, run)];
    return [0.0125, 0.025, 0.2, 0.5, 0.9].map((share) => {
      const step = share * epochs * 400;
      return [rates.at(Math.floor(step / 400), step % 400), ps.at(Math.floor(step / 400), 0).p];
    });
  });
  short!.forEach(([rate, p], i) => {
    expect(rate).toBeCloseTo(full![i]![0]!, 5);
    expect(p).toBeCloseTo(full![i]![1]!, 0);
  });
  const last = lengths[1]!;
  expect(createPSchedule(last.pSchedule, { epochs: 40, stepsPerEpoch: 400 }).at(39, 0).p).toBe(2);
});

describe('deviations', () => {
  it('name every scale that is not the paper’s', () => {
    const { deviations, spec } = recipeStudy(recipe('cifar10-vgg11'), {
      dataset: { ...cifar10, parts: undefined },
      seeds: [0],
      scale: { epochs: 10, dataFraction: 0.1, width: 0.25 },
    });
    expect(deviations.join('\n')).toMatch(/no test part[\s\S]*10 epochs in place of 200[\s\S]*10 %[\s\S]*times 0.25/);
    expect(planStudy(spec).runs[0]!.config).toMatchObject({
      split: { trainFraction: 0.1 },
      model: { options: { width: 0.25 } },
    });
  });
  it('tell a copy of the data that is smaller, of other pixels or no longer here', () => {
    const scale = { epochs: 200, dataFraction: 1, width: 1 };
    const part = { ...cifar10, parts: { train: 45_000, validation: 5_000, test: 10_000 } };
    expect(deviationsOf(recipe('cifar10-vgg11'), part, scale)).toEqual([
      '45,000 training and 10,000 test images in place of 50,000 and 10,000; 5,000 are held out for validation.',
    ]);
    expect(
      deviationsOf(recipe('imagenet-resnet50'), { ...imageNet, shape: [64, 64, 3] }, { ...scale, epochs: 60 }),
    ).toEqual(['Images of 64x64 pixels in place of 224x224.']);
    const gone = { id: 'my-cifar', shape: [], classes: [], parts: undefined };
    expect(deviationsOf(recipe('cifar10-vgg11'), gone, scale)[0]).toMatch(/^Other data cannot be ruled out/);
  });
  it('tell data of another kind', () => {
    expect(fitsRecipe(recipe('cifar10-vgg11'), cifar10)).toBe(true);
    expect(fitsRecipe(recipe('cifar100-vgg11'), cifar10)).toBe(false);
    const scale = { epochs: 200, dataFraction: 1, width: 1 };
    expect(deviationsOf(recipe('cifar100-vgg11'), cifar10, scale)[0]).toContain(
      'Other data: my-cifar (32x32x3, 10 classes)',
    );
    expect(() => recipeStudy(recipe('cifar10-vgg11'), { dataset: { ...cifar10, shape: [8] }, seeds: [0] })).toThrow(
      'needs images',
    );
  });
});

it('the name of a study says at what scale it repeats its recipe', () => {
  const chosen = recipe('cifar10-resnet18');
  expect(recipeStudyName(chosen, { dataset: cifar10, seeds: [0, 1, 2], scale: { epochs: 200 } })).toBe(
    `${chosen.title}, on my-cifar, seeds 0-2`,
  );
  expect(
    recipeStudyName(chosen, { dataset: null, seeds: [7], scale: { epochs: 1, dataFraction: 0.1, width: 2 } }),
  ).toBe(`${chosen.title}, scaled to digits, 1 epoch, 10 % of the data, width 2, seeds 7`);
});

describe('the claim card', () => {
  const chosen = recipe('cifar10-resnet18');
  const accuracies: Record<string, number[]> = {
    '0.0': [0.95, 0.951, 0.949],
    '1.0': [0.93, 0.932, 0.931],
    '2.0': [0.94, 0.9405, 0.9385],
    '3.0': [0.94, 0.939, 0.941],
  };
  const cardOf = (choice: Parameters<typeof recipeStudy>[1]) => {
    const { spec, deviations } = recipeStudy(chosen, choice);
    const plan = planStudy(spec);
    const runs = new Map<string, Run>();
    const studyRuns = plan.runs.map(({ position, settingId, seed, config }): StudyRun => {
      const runId = `r${position}`;
      const latest = { testAccuracy: accuracies[settingId]![seed]! };
      runs.set(runId, madeRun(config, { id: runId, status: 'completed', latest }));
      return { position, settingId, seed, runId, prunedEpoch: null, prunedValue: null };
    });
    const table = studyTable({ spec, runs: studyRuns }, plan, runs);
    return claimCard(chosen, { spec }, table, deviations);
  };

  it('sets the paper’s number, ours and their difference side by side, and says how to do it again', () => {
    const card = cardOf({ dataset: cifar10, seeds: [0, 1, 2] });
    expect(card.lines[0]).toMatchObject({ label: 'LPSGDM', paper: { accuracy: 0.9481, spread: 0.0019 } });
    expect(card.lines[0]!.ours!.mean).toBeCloseTo(0.95, 12);
    expect(card.lines[0]!.difference).toBeCloseTo(0.0019, 12);
    expect(card.gain!.paper).toBeCloseTo(0.0072, 12);
    expect(card.gain!.ours!.mean).toBeCloseTo(0.01, 12);
    expect(card.findings[0]).toContain('the gain is there');
    expect(card.command).toBe('npx lp-workbench recipe run cifar10-resnet18 --dataset my-cifar --seeds 0-2');
    const markdown = claimCardMarkdown(card);
    expect(markdown).toContain('| LPSGDM | 94.81 ± 0.19 | LPSGDM | 95.00 ± 0.10 (3) | +0.19 |');
  });
  it('subtracts nothing across different data', () => {
    const card = cardOf({ dataset: null, seeds: [0, 1, 2], scale: { epochs: 20 } });
    expect(card.lines.map(({ difference }) => difference)).toEqual([null, null, null, null]);
    expect(card.deviations[0]).toContain('digits');
    expect(card.command).toBe('npx lp-workbench recipe run cifar10-resnet18 --digits --epochs 20 --seeds 0-2');
  });
});
