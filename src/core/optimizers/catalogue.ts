import { AppError } from '../errors.ts';
import { nearestName } from '../text/nearestName.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { lion } from './lion.ts';
import { lpsgd } from './lpsgd.ts';
import { lpsgdm } from './lpsgdm.ts';
import type { OptimizerSpec } from './optimizerSpec.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import { sgdm } from './sgdm.ts';
import { signsgd } from './signsgd.ts';
import { signum } from './signum.ts';
import { stacey } from './stacey.ts';

export { checkHyperparameters, defaultHyperparameters, hyperparameterNumbers } from './hyperparameters.ts';
export type { HyperparameterProblem, HyperparameterValues } from './hyperparameters.ts';

const specs = {
  lpsgdm,
  lpsgd,
  sgd,
  sgdm,
  signsgd,
  signum,
  lion,
  adam,
  adamw,
  rmsprop,
  stacey,
} satisfies Record<string, OptimizerSpec>;

export type OptimizerId = keyof typeof specs;

/** Every optimizer, in the order in which lists show them. */
export const optimizerCatalogue: readonly OptimizerSpec[] = Object.values(specs);

export const optimizerIds: readonly string[] = Object.keys(specs);

/** Throws AppError `unknownOptimizer`, which names the nearest id. */
export function findOptimizer(id: string): OptimizerSpec {
  const spec = optimizerCatalogue.find((candidate) => candidate.id === id);
  if (spec) return spec;
  const near = nearestName(id, optimizerIds);
  throw new AppError(
    'unknownOptimizer',
    `There is no optimizer "${id}"${near ? `; did you mean "${near}"?` : '.'} Known: ${optimizerIds.join(', ')}.`,
    { details: { id, known: [...optimizerIds], ...(near ? { nearest: near } : {}) } },
  );
}
