import { describe, expect, test } from 'vitest';
import {
  checkHyperparameters,
  defaultHyperparameters,
  findOptimizer,
  hyperparameterNumbers,
  optimizerCatalogue,
  optimizerIds,
} from '../../../src/core/optimizers/catalogue.ts';

test('the catalogue holds the eleven methods, each under its own id', () => {
  expect(optimizerIds).toEqual([
    'lpsgdm',
    'lpsgd',
    'sgd',
    'sgdm',
    'signsgd',
    'signum',
    'lion',
    'adam',
    'adamw',
    'rmsprop',
    'stacey',
  ]);
  expect(optimizerCatalogue.map(({ id }) => id)).toEqual(optimizerIds);
});

describe.each(optimizerCatalogue.map((spec) => [spec.id, spec] as const))('%s', (_, spec) => {
  test('accepts its own defaults', () => {
    expect(checkHyperparameters(spec, defaultHyperparameters(spec))).toEqual([]);
    expect(spec.defaultLearningRate).toBeGreaterThan(0);
  });

  test('shows the symbol of every hyperparameter and slot in its formula', () => {
    const formula = spec.formula.join('\n');
    for (const { symbol } of spec.hyperparameters) {
      expect(formula).toContain(symbol.startsWith('\\text') ? 'Nesterov' : symbol);
    }
    for (const { name } of spec.slots) expect(formula).toMatch(new RegExp(`\\b${name} = `));
  });

  test('refuses every number outside its bounds, and says what would be right', () => {
    for (const { key, kind, min, above, max, below } of spec.hyperparameters) {
      const outside = kind === 'switch' ? [2, 'yes'] : [NaN, Infinity, '1', true];
      if (min !== undefined) outside.push(min - 1e-9);
      if (above !== undefined) outside.push(above);
      if (max !== undefined) outside.push(max + 1e-9);
      if (below !== undefined) outside.push(below);
      for (const value of outside) {
        const problems = checkHyperparameters(spec, { [key]: value });
        expect(problems).toHaveLength(1);
        expect(problems[0]!.key).toBe(key);
        expect(problems[0]!.message).toMatch(new RegExp(`^${key} must be .+, got `));
      }
    }
  });
});

describe('hyperparameters', () => {
  test('problems read as sentences', () => {
    const problems = checkHyperparameters(findOptimizer('lpsgdm'), { beta: 1.2, epsilon: 1e-8, gamma: 3 });
    expect(problems).toEqual([
      { key: 'beta', message: 'beta must be at least 0 and below 1, got 1.2' },
      { key: 'gamma', message: 'gamma is not a hyperparameter of LPSGDM; it has beta, epsilon, weightDecay' },
    ]);
  });

  test('as numbers: given values first, then defaults, switches as 0 or 1', () => {
    const sgdm = findOptimizer('sgdm');
    expect(hyperparameterNumbers(sgdm, { nesterov: true })).toEqual({ beta: 0.9, nesterov: 1, weightDecay: 5e-4 });
    expect(hyperparameterNumbers(sgdm, { beta: 0 })).toEqual({ beta: 0, nesterov: 0, weightDecay: 5e-4 });
  });

  test('the defaults of LPSGDM', () => {
    const lpsgdm = findOptimizer('lpsgdm');
    expect(defaultHyperparameters(lpsgdm)).toEqual({ beta: 0.9, epsilon: 1e-8, weightDecay: 1e-2 });
    expect(lpsgdm.defaultLearningRate).toBe(1e-3);
  });
});

test.each([
  ['lpsgmd', 'lpsgdm'],
  ['LPSGD', 'lpsgd'],
  ['adamW2', 'adamw'],
  ['rms-prop', 'rmsprop'],
])('an unknown optimizer "%s" is answered with "%s"', (wrong, near) => {
  expect(() => findOptimizer(wrong)).toThrow(
    expect.objectContaining({
      code: 'unknownOptimizer',
      message: expect.stringContaining(`There is no optimizer "${wrong}"; did you mean "${near}"?`),
    }),
  );
});
