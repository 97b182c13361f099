import { AppError } from '../errors.ts';
import { findOptimizer } from '../optimizers/catalogue.ts';
import { paperBatchSize, paperSettings, type PaperSetting } from '../runs/paperSettings.ts';
import { nearestName } from '../text/nearestName.ts';
import type { OpenQuestion, PaperClaim, PaperTask, Recipe, RecipeStudy, ToyRecipe } from './recipe.ts';

const presets: Readonly<Record<PaperSetting['model'], string>> = {
  'VGG-11': 'vgg11',
  'ResNet-18': 'resnet18',
  'ResNet-50': 'resnet50',
};

type Accuracy = readonly [percent: number, spread: number];
/** Test top-1 % at the last epoch with the printed spread, by optimizer in the order of the paper's tables. */
const accuracies: readonly (readonly [
  task: PaperTask,
  model: PaperSetting['model'],
  sgdm: Accuracy,
  adamw: Accuracy,
  lion: Accuracy,
  lpsgdm: Accuracy,
])[] = [
  ['CIFAR-10', 'VGG-11', [90.05, 0.12], [89.93, 0.18], [89.4, 0.11], [90.73, 0.37]],
  ['CIFAR-10', 'ResNet-18', [93.15, 0.09], [94.09, 0.17], [94.04, 0.07], [94.81, 0.19]],
  ['CIFAR-10', 'ResNet-50', [92.72, 0.16], [94.57, 0.02], [94.34, 0.31], [94.84, 0.15]],
  ['CIFAR-100', 'VGG-11', [60.16, 0.29], [59.34, 0.55], [58.74, 0.21], [60.46, 0.25]],
  ['CIFAR-100', 'ResNet-18', [76.86, 0.38], [74.23, 0.38], [73.07, 0.11], [77.98, 0.35]],
  ['CIFAR-100', 'ResNet-50', [69.7, 0.4], [74.91, 0.41], [72.99, 0.51], [76.78, 0.17]],
  ['ImageNet-1K', 'ResNet-50', [67.16, 0.16], [71.79, 0.35], [72.15, 0.21], [74.04, 0.1]],
];

const nameOf = (optimizerId: string): string => findOptimizer(optimizerId).name;
const share = (percent: number): number => Number((percent / 100).toFixed(6));
const claimOf = (optimizerId: string, [percent, spread]: Accuracy): PaperClaim => ({
  optimizer: nameOf(optimizerId),
  accuracy: share(percent),
  spread: share(spread),
});

/** A paper setting as an optimizer of a study. */
function optimizerOf({ optimizerId, learningRate, hyperparameters, pMax }: PaperSetting) {
  return {
    id: optimizerId,
    settings: {
      'learningRate.base': learningRate,
      ...Object.fromEntries(
        Object.entries(hyperparameters).map(([key, value]) => [`optimizer.hyperparameters.${key}`, value]),
      ),
      ...(pMax === undefined ? {} : { 'pSchedule.pMax': pMax }),
    },
  };
}

const settingsOf = (task: PaperTask, model: PaperSetting['model']): PaperSetting[] =>
  paperSettings.filter((setting) => setting.task === task && setting.model === model);

/** The learning rates and weight decays that did best on the validation part of a small grid on the digits. */
const digitsOptimizers = (pMax: number) => [
  digitsOptimizer('lpsgdm', 0.01, 0.001, { 'pSchedule.pMax': pMax }),
  digitsOptimizer('sgdm', 0.1, 0.001),
  digitsOptimizer('adamw', 0.003, 0.01),
  digitsOptimizer('lion', 0.001, 0.01),
];
function digitsOptimizer(id: string, learningRate: number, weightDecay: number, more: Record<string, number> = {}) {
  return {
    id,
    settings: { 'learningRate.base': learningRate, 'optimizer.hyperparameters.weightDecay': weightDecay, ...more },
  };
}

const commonOpen = (task: PaperTask, epochs: number): OpenQuestion[] => [
  {
    question: 'The length of the warm-up before the cosine decay of the learning rate',
    chosen: `5 of ${epochs} epochs, linear from 0; shorter runs keep that share. The decay ends at 0.`,
  },
  {
    question: 'How many seeds are behind the printed spread',
    chosen: '3 seeds by default; intervals by Student’s t and paired differences tell what they are good for.',
  },
  {
    question: 'Whether biases and batch norms are decayed',
    chosen: 'They are, as PyTorch’s optimizers do by default (weightDecayScope all).',
  },
  {
    question: 'The augmentation of the training images',
    chosen:
      task === 'ImageNet-1K'
        ? 'Random resized crop and mirroring, as usual for ImageNet.'
        : 'Padding by 4 pixels, random crop and mirroring, as usual for CIFAR.',
  },
  {
    question: 'Stems and heads “adapted to the input size and the classes”',
    chosen:
      task === 'ImageNet-1K'
        ? 'The published ImageNet stem: 7x7 with stride 2, then pooling.'
        : 'The usual CIFAR stem: 3x3 with stride 1 and no pooling.',
  },
];

const tables: readonly Recipe[] = accuracies.map(([task, model, sgdm, adamw, lion, lpsgdm]): Recipe => {
  const settings = settingsOf(task, model);
  const { epochs, pMax } = settings.find(({ optimizerId }) => optimizerId === 'lpsgdm')!;
  const preset = presets[model];
  return {
    id: `${task.toLowerCase().replaceAll(/-1k|-/g, '')}-${preset}`,
    title: `Four optimizers: ${model} on ${task}`,
    place: 'Tables 1 to 3',
    summary: `LPSGDM against SGDM, AdamW and Lion, each with the hyperparameters that the paper tuned for ${model} on ${task}.`,
    task,
    model: { preset, name: model },
    epochs,
    batchSize: paperBatchSize,
    warmupEpochs: 5,
    paper: { optimizers: settings.map(optimizerOf), objective: { metric: 'testAccuracy' } },
    digits: {
      optimizers: digitsOptimizers(pMax!),
      objective: { metric: 'testAccuracy' },
      epochs: 40,
      validation: 0,
    },
    digitsNotes: [
      'Learning rates and weight decays are the best of a small grid on the digits, not the paper’s, which were tuned for 200 epochs of other data.',
    ],
    claims: [claimOf('lpsgdm', lpsgdm), claimOf('sgdm', sgdm), claimOf('adamw', adamw), claimOf('lion', lion)],
    conclusion: 'LPSGDM has the highest test accuracy of the four.',
    open: commonOpen(task, epochs),
  };
});

/** Searched where the paper does not say what it used. */
const digitsRates = [1, 0.3, 0.1, 0.03, 0.01, 0.003];
/** p 2 averages its gradients and steps by them as they are: it wants rates at which a larger p diverges. */
const digitsRatesOfAnyP = [3, ...digitsRates];
const chosenOnValidation = {
  metric: 'validationAccuracy',
  report: 'testAccuracy',
} as const;
const validationNote =
  'Learning rates are chosen by accuracy on a validation part (20 %) out of a grid; the test accuracy of what was chosen is reported.';

const withoutMomentum = (task: PaperTask, model: 'ResNet-18' | 'ResNet-50', sgd: number, lpsgd: number): Recipe => {
  const preset = presets[model];
  const settings = settingsOf(task, model);
  const of = (id: string): PaperSetting => settings.find(({ optimizerId }) => optimizerId === id)!;
  const [lp, plain] = [of('lpsgdm'), of('sgdm')];
  return {
    id: `fig2-${preset}`,
    title: `Without momentum: SGD against LPSGD, ${model} on ${task}`,
    place: 'Figure 2',
    summary: 'What annealing p does by itself, before momentum joins it.',
    task,
    model: { preset, name: model },
    epochs: lp.epochs,
    batchSize: paperBatchSize,
    warmupEpochs: 5,
    paper: {
      optimizers: [
        {
          id: 'sgd',
          settings: {
            'learningRate.base': plain.learningRate,
            'optimizer.hyperparameters.weightDecay': plain.hyperparameters['weightDecay']!,
          },
        },
        {
          id: 'lpsgd',
          settings: {
            'learningRate.base': lp.learningRate,
            'optimizer.hyperparameters.weightDecay': lp.hyperparameters['weightDecay']!,
            'pSchedule.pMax': lp.pMax!,
          },
        },
      ],
      objective: { metric: 'testAccuracy' },
    },
    digits: {
      optimizers: [
        { id: 'sgd', settings: { 'optimizer.hyperparameters.weightDecay': 0.001 } },
        { id: 'lpsgd', settings: { 'optimizer.hyperparameters.weightDecay': 0.001, 'pSchedule.pMax': 6 } },
      ],
      search: { kind: 'grid', axes: [{ path: 'learningRate.base', values: digitsRates }] },
      objective: chosenOnValidation,
      epochs: 40,
      validation: 0.2,
    },
    digitsNotes: [validationNote],
    claims: [
      { optimizer: nameOf('sgd'), accuracy: share(sgd), spread: null },
      { optimizer: nameOf('lpsgd'), accuracy: share(lpsgd), spread: null },
    ],
    conclusion: 'LPSGD ends above SGD.',
    open: [
      {
        question: 'Learning rates, weight decays and p_max of this figure',
        chosen: `Those of SGDM and of LPSGDM (p_max ${lp.pMax}) for ${model} on ${task}. SGD loses the factor 1 / (1 - beta) = 10 that momentum gave it, which favours LPSGD: search the learning rate before concluding.`,
      },
      ...commonOpen(task, lp.epochs),
    ],
  };
};

/** The values of p_max that the paper tries. */
export const paperPMaxValues = [2, 4, 6, 8, 10, 100] as const;

const pMaxRecipe = (): Recipe => {
  const lp = settingsOf('CIFAR-10', 'ResNet-18').find(({ optimizerId }) => optimizerId === 'lpsgdm')!;
  const { 'pSchedule.pMax': _pMax, ...settings } = optimizerOf(lp).settings;
  const pAxis = { path: 'pSchedule.pMax', values: [...paperPMaxValues] };
  return {
    id: 'fig4-pmax',
    title: 'Where should p begin? p_max 2, 4, 6, 8, 10 and 100',
    place: 'Figure 4',
    summary: 'LPSGDM with six values of p_max and everything else equal.',
    task: 'CIFAR-10',
    model: { preset: 'resnet18', name: 'ResNet-18' },
    epochs: lp.epochs,
    batchSize: paperBatchSize,
    warmupEpochs: 5,
    paper: {
      optimizers: [{ id: 'lpsgdm', settings }],
      search: { kind: 'grid', axes: [pAxis] },
      objective: { metric: 'testAccuracy' },
    },
    digits: {
      optimizers: [{ id: 'lpsgdm', settings: { 'optimizer.hyperparameters.weightDecay': 0.001 } }],
      search: { kind: 'grid', axes: [pAxis, { path: 'learningRate.base', values: digitsRatesOfAnyP }] },
      objective: chosenOnValidation,
      epochs: 40,
      validation: 0.2,
    },
    digitsNotes: [
      validationNote,
      'Every p_max gets its own learning rate: at one rate for all, a larger p_max also makes larger steps, |m|^(1/(p-1)) in place of |m|, and the comparison would be one of step sizes. The grid shows both.',
    ],
    claims: paperPMaxValues.map((pMax) => ({
      optimizer: nameOf('lpsgdm'),
      point: { 'pSchedule.pMax': pMax },
      accuracy: null,
      spread: null,
    })),
    conclusion: 'Accuracy is not monotone in p_max; very large values fluctuate or degrade.',
    open: [
      {
        question: 'Which network and data the figure shows, as numbers',
        chosen: 'ResNet-18 on CIFAR-10. The figure prints no table, so there is no number to set ours beside.',
      },
      {
        question: 'Whether the learning rate was tuned anew for each p_max',
        chosen: `One for all: ${lp.learningRate}, the one tuned for p_max ${lp.pMax}. This favours values near ${lp.pMax}.`,
      },
      ...commonOpen('CIFAR-10', lp.epochs),
    ],
  };
};

/** Every recipe that trains, in the order in which lists show them. */
export const recipeCatalogue: readonly Recipe[] = [
  ...tables,
  withoutMomentum('CIFAR-10', 'ResNet-18', 92.4, 93.05),
  withoutMomentum('CIFAR-100', 'ResNet-50', 68.97, 73.89),
  pMaxRecipe(),
];

export const toyRecipe: ToyRecipe = {
  id: 'fig3-toy',
  title: 'Two quadratics: gradient descent against sign descent',
  place: 'Figure 3',
  summary:
    'A strongly and a weakly curved bowl, drawn with the ways that descents take through them. Nothing is trained.',
  conclusion:
    'Where curvatures differ strongly, gradient descent crawls along the flat direction and sign descent does not; where they are alike, sign descent oscillates around the minimum and gradient descent settles.',
  open: [{ question: 'Where the descents start', chosen: '(-2, 9)' }],
};

export const recipeIds: readonly string[] = [...recipeCatalogue.map(({ id }) => id), toyRecipe.id];

export const isToyRecipe = (recipe: Recipe | ToyRecipe): recipe is ToyRecipe => recipe.id === toyRecipe.id;

/** Throws AppError `unknownRecipe`, which names the nearest id. */
export function findRecipe(id: string): Recipe | ToyRecipe {
  const found = recipeCatalogue.find((recipe) => recipe.id === id) ?? (id === toyRecipe.id ? toyRecipe : undefined);
  if (found) return found;
  const near = nearestName(id, recipeIds);
  throw new AppError(
    'unknownRecipe',
    `There is no recipe "${id}"${near ? `; did you mean "${near}"?` : '.'} Known: ${recipeIds.join(', ')}.`,
    { details: { id, known: [...recipeIds] } },
  );
}

export type { OpenQuestion, PaperClaim, PaperTask, Recipe, RecipeStudy, ToyRecipe };
