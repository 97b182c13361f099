import type { HyperparameterSpec, OptimizerSpec } from './optimizerSpec.ts';

/** The decay factor of a momentum. Without momentum the factor is 0. */
export const beta: HyperparameterSpec = {
  key: 'beta',
  label: 'Momentum beta',
  symbol: '\\beta',
  description:
    'Share of the old momentum that a step keeps; nearer to 1 averages over more steps, 0 means no momentum.',
  kind: 'number',
  default: 0.9,
  min: 0,
  below: 1,
  scale: 'linear',
};

export const beta1: HyperparameterSpec = {
  ...beta,
  key: 'beta1',
  label: 'Momentum beta1',
  symbol: '\\beta_1',
  description: 'Weight of the old momentum in the direction of a step; nearer to 1 averages over more steps.',
};

export const beta2: HyperparameterSpec = {
  ...beta,
  key: 'beta2',
  label: 'Second beta2',
  symbol: '\\beta_2',
  description: 'Share of the old second average that a step keeps; nearer to 1 averages over more steps.',
  default: 0.999,
};

export const epsilon: HyperparameterSpec = {
  key: 'epsilon',
  label: 'Epsilon',
  symbol: '\\varepsilon',
  description: 'Added to a denominator so that small values cannot blow a step up; larger damps coordinates near zero.',
  kind: 'number',
  default: 1e-8,
  min: 0,
  scale: 'log',
};

const weightDecay: HyperparameterSpec = {
  key: 'weightDecay',
  label: 'Weight decay',
  symbol: '\\lambda',
  description: '',
  kind: 'number',
  default: 0,
  min: 0,
  scale: 'log',
};

/** Weight decay apart from the gradient: each step shrinks the weight by the factor 1 - learningRate * weightDecay. */
export const decoupledWeightDecay: HyperparameterSpec = {
  ...weightDecay,
  description:
    'Pulls weights to zero apart from the gradient: each step takes learning rate x weight decay of the weight.',
};

/** Weight decay inside the gradient (an L2 penalty): weightDecay * theta is added to g before anything else. */
export const coupledWeightDecay: HyperparameterSpec = {
  ...weightDecay,
  description: 'An L2 penalty: weight decay x weight is added to the gradient before anything else happens to it.',
};

/** A shared record with this optimizer's own default. */
export function withDefault(spec: HyperparameterSpec, value: number): HyperparameterSpec {
  return { ...spec, default: value };
}

export type HyperparameterValues = Readonly<Record<string, number | boolean>>;

export function defaultHyperparameters(spec: OptimizerSpec): Record<string, number | boolean> {
  return Object.fromEntries(spec.hyperparameters.map(({ key, default: value }) => [key, value]));
}

/** Hyperparameters as the numbers of a step: defaults fill the gaps, switches become 0 or 1. */
export function hyperparameterNumbers(spec: OptimizerSpec, values: HyperparameterValues): Record<string, number> {
  const complete = Object.entries({ ...defaultHyperparameters(spec), ...values });
  return Object.fromEntries(complete.map(([key, value]) => [key, Number(value)]));
}

export interface HyperparameterProblem {
  key: string;
  /** starts with the key: "beta must be at least 0 and below 1, got 1.2" */
  message: string;
}

function boundsSentence({ min, above, max, below }: HyperparameterSpec): string {
  const bounds = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return bounds.join(' and ') || 'a finite number';
}

function isWithin(value: number, { min, above, max, below }: HyperparameterSpec): boolean {
  return (
    Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (above === undefined || value > above) &&
    (max === undefined || value <= max) &&
    (below === undefined || value < below)
  );
}

function problemOf(spec: HyperparameterSpec, value: unknown): string | undefined {
  if (spec.kind === 'switch') {
    return typeof value === 'boolean' ? undefined : `${spec.key} must be true or false, got ${String(value)}`;
  }
  if (typeof value === 'number' && isWithin(value, spec)) return undefined;
  return `${spec.key} must be ${boundsSentence(spec)}, got ${typeof value === 'string' ? `"${value}"` : String(value)}`;
}

/** Every problem with the given values; an empty list means they are valid. Missing values are fine: defaults apply. */
export function checkHyperparameters(
  spec: OptimizerSpec,
  values: Readonly<Record<string, unknown>>,
): HyperparameterProblem[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const known = spec.hyperparameters.find((hyperparameter) => hyperparameter.key === key);
    const message = known ? problemOf(known, value) : unknownKeySentence(spec, key);
    return message === undefined ? [] : [{ key, message }];
  });
}

function unknownKeySentence(spec: OptimizerSpec, key: string): string {
  const keys = spec.hyperparameters.map((hyperparameter) => hyperparameter.key);
  return `${key} is not a hyperparameter of ${spec.name}; it has ${keys.join(', ')}`;
}
