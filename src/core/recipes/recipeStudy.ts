import type { DatasetMeta } from '../contract/datasets.ts';
import { AppError } from '../errors.ts';
import { parseStudySpec, type StudySpec } from '../studies/studySpec.ts';
import type { PaperTask, Recipe } from './recipe.ts';
import { seedText } from './recipeCommand.ts';

/** How much of a recipe is trained. Left out means as the paper does, or as suits the digits. */
export interface RecipeScale {
  epochs?: number;
  /** share of the training rows */
  dataFraction?: number;
  /** what every number of channels is multiplied by */
  width?: number;
}

export interface RecipeChoice {
  /** the user's own copy of the data, or null for the bundled digits */
  dataset: Pick<DatasetMeta, 'id' | 'shape' | 'classes' | 'parts'> | null;
  seeds: readonly number[];
  scale?: RecipeScale;
  /** `auto` when left out */
  device?: string;
}

export interface RecipePlan {
  spec: StudySpec;
  /** everything in which this differs from the paper, one sentence each; empty for the real thing */
  deviations: string[];
}

interface PaperData {
  classes: number;
  /** images that the published data train and are tested on */
  train: number;
  test: number;
  /** rows and columns of an image */
  pixels: number;
}
const paperData: Readonly<Record<PaperTask, PaperData>> = {
  'CIFAR-10': { classes: 10, train: 50_000, test: 10_000, pixels: 32 },
  'CIFAR-100': { classes: 100, train: 50_000, test: 10_000, pixels: 32 },
  'ImageNet-1K': { classes: 1000, train: 1_281_167, test: 50_000, pixels: 224 },
};
export const defaultSeeds: readonly number[] = [0, 1, 2];

const digitsModel = { preset: 'cnn' } as const;
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** Whether a dataset is of the kind that the recipe's data are: images of its number of classes. */
export function fitsRecipe({ task }: Pick<Recipe, 'task'>, { shape, classes }: Pick<DatasetMeta, 'shape' | 'classes'>) {
  const isRightSize = task === 'ImageNet-1K' || (shape[0] === 32 && shape[1] === 32);
  return shape.length === 3 && shape[2] === 3 && isRightSize && classes.length === paperData[task].classes;
}

/** The share of the epochs that warm up, as the paper's schedule has it at full length. */
const warmupLength = ({ warmupEpochs, epochs }: Recipe, trained: number): number =>
  Number(((warmupEpochs * trained) / epochs).toPrecision(6));

/**
 * The study that a recipe makes of a user's choice, and how it deviates from the paper. Fewer epochs keep the shape of
 * the schedules: the warm-up keeps its share, the cosine ends at 0 and p reaches 2 in the last epoch.
 * Throws AppError `badConfig` for an impossible scale and for data that are no images.
 */
export function recipeStudy(recipe: Recipe, { dataset, seeds, scale = {}, device }: RecipeChoice): RecipePlan {
  const { dataFraction = 1, width = 1 } = scale;
  const epochs = scale.epochs ?? (dataset ? recipe.epochs : recipe.digits.epochs);
  checkScale(epochs, dataFraction, width);
  if (dataset && dataset.shape.length !== 3) {
    throw new AppError('badConfig', `${recipe.model.name} needs images, and the dataset ${dataset.id} has none.`);
  }
  const study = dataset ? recipe.paper : recipe.digits;
  const split = {
    ...(dataset ? { test: 0.2, validation: 0 } : { test: 0.2, validation: recipe.digits.validation }),
    ...(dataFraction === 1 ? {} : { trainFraction: dataFraction }),
  };
  const spec = parseStudySpec({
    base: {
      dataset: { id: dataset?.id ?? 'digits' },
      split,
      ...(dataset ? { augmentation: { preset: recipe.task === 'ImageNet-1K' ? 'imageNet' : 'cifar' } } : {}),
      model: modelOf(recipe, dataset !== null, width),
      learningRate: { kind: 'cosine', end: 0, warmup: { length: warmupLength(recipe, epochs), unit: 'epochs' } },
      pSchedule: { kind: 'cosine', pEnd: 2, per: 'epoch' },
      batchSize: recipe.batchSize,
      epochs,
      ...(device === undefined ? {} : { device }),
    },
    optimizers: study.optimizers,
    ...(study.search ? { search: study.search } : {}),
    objective: study.objective,
    seeds: [...seeds],
    origin: { recipe: recipe.id, binding: dataset ? 'paper' : 'digits', scale: { dataFraction, epochs, width } },
  });
  return { spec, deviations: deviationsOf(recipe, dataset, { epochs, dataFraction, width }) };
}

function modelOf(recipe: Recipe, isPaper: boolean, width: number): object {
  if (isPaper) return { preset: recipe.model.preset, ...(width === 1 ? {} : { options: { width } }) };
  const filters = [16, 32].map((count) => Math.max(1, Math.round(count * width)));
  return width === 1 ? digitsModel : { ...digitsModel, options: { filters } };
}

/** The deviations of a study that a recipe made, from what is stored of it. */
export function deviationsOf(
  recipe: Recipe,
  dataset: RecipeChoice['dataset'],
  { epochs, dataFraction, width }: Required<RecipeScale>,
): string[] {
  const found: string[] = [];
  if (dataset === null) {
    found.push(
      `Scaled to digits: 1,797 handwritten digits of 8x8 pixels in place of ${recipe.task}.`,
      `A small CNN of 6,090 parameters in place of ${recipe.model.name}, and no augmentation.`,
      `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of about ten steps in place of ${recipe.epochs} epochs of hundreds.`,
      ...recipe.digitsNotes,
    );
  } else {
    found.push(...dataDeviations(recipe, dataset));
    if (epochs !== recipe.epochs) {
      found.push(
        `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} in place of ${recipe.epochs}; warm-up, cosine and p keep their shape.`,
      );
    }
  }
  if (dataFraction !== 1) found.push(`Trained on ${percent(dataFraction)} of the training rows.`);
  if (width !== 1) found.push(`Channels times ${width}.`);
  return found;
}

/** Where a user's own data are not the paper's. A dataset without a shape is one that is no longer there. */
function dataDeviations(recipe: Recipe, dataset: NonNullable<RecipeChoice['dataset']>): string[] {
  const { id, shape, classes, parts } = dataset;
  if (shape.length === 0) {
    return [
      `Other data cannot be ruled out: ${id} is no longer here, and nothing tells whether it was ${recipe.task}.`,
    ];
  }
  const { train, test, pixels } = paperData[recipe.task];
  const count = (rows: number): string => rows.toLocaleString('en');
  const found: string[] = [];
  if (!fitsRecipe(recipe, dataset)) {
    found.push(`Other data: ${id} (${shape.join('x')}, ${classes.length} classes) in place of ${recipe.task}.`);
  } else if (shape[0] !== pixels || shape[1] !== pixels) {
    found.push(`Images of ${shape[0]}x${shape[1]} pixels in place of ${pixels}x${pixels}.`);
  }
  if (!parts) {
    found.push('The dataset has no test part of its own: 20 % of its rows are dealt at random.');
  } else if (found.length === 0 && (parts.train !== train || parts.test !== test || parts.validation > 0)) {
    const heldOut = parts.validation > 0 ? `; ${count(parts.validation)} are held out for validation` : '';
    found.push(
      `${count(parts.train)} training and ${count(parts.test)} test images in place of ${count(train)} and ${count(test)}${heldOut}.`,
    );
  }
  return found;
}

/** What a study of a recipe is called: everything by which it differs from another of the same recipe. */
export function recipeStudyName(recipe: Recipe, { dataset, seeds, scale = {} }: RecipeChoice): string {
  const { epochs, dataFraction = 1, width = 1 } = scale;
  return [
    recipe.title,
    dataset ? `on ${dataset.id}` : 'scaled to digits',
    ...(epochs === undefined || epochs === (dataset ? recipe.epochs : recipe.digits.epochs)
      ? []
      : [`${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`]),
    ...(dataFraction === 1 ? [] : [`${percent(dataFraction)} of the data`]),
    ...(width === 1 ? [] : [`width ${width}`]),
    `seeds ${seedText(seeds)}`,
  ].join(', ');
}

function checkScale(epochs: number, dataFraction: number, width: number): void {
  const problems = [
    ...(Number.isInteger(epochs) && epochs >= 1 ? [] : [`epochs must be a whole number of at least 1, got ${epochs}`]),
    ...(dataFraction > 0 && dataFraction <= 1
      ? []
      : [`the fraction of the data must be above 0 and at most 1, got ${dataFraction}`]),
    ...(width >= 1 / 64 && width <= 8 ? [] : [`width must be from 1/64 to 8, got ${width}`]),
  ];
  if (problems.length > 0) throw new AppError('badConfig', `The recipe cannot be scaled so: ${problems.join('; ')}.`);
}
