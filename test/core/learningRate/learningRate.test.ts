import { describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../src/core/contract/runConfig.ts';
import { rangeTestConfig, suggestRate } from '../../../src/core/learningRate/rangeTest.ts';
import { rateConventions, translateRate } from '../../../src/core/learningRate/translateRate.ts';
import { findOptimizer } from '../../../src/core/optimizers/catalogue.ts';
import { runSize } from '../../../src/core/runs/runSize.ts';
import { createLearningRateSchedule } from '../../../src/core/schedules/learningRateSchedule.ts';
import { rhoOf } from '../../../src/core/schedules/rho.ts';

describe('a translated learning rate', () => {
  const question = { learningRate: 0.1, beta: 0.9, p: 6, gradientSize: 1e-3 };

  it('from SGDM to LPSGDM at p = 2 is divided by 1 - beta, a factor of 10', () => {
    const { learningRate, reasons } = translateRate({ ...question, from: 'sgdm', to: 'lpsgdm', p: 2 });
    expect(learningRate).toBeCloseTo(1, 12);
    expect(reasons.join(' ')).toContain('factor of 10');
  });
  it('carries |m|^(1/(p-1)): at p = 5 a gradient of 1e-3 moves 178 times as far', () => {
    const { learningRate, learningRateAtEnd, reasons } = translateRate({
      ...question,
      from: 'sgdmAveraged',
      to: 'lpsgdm',
      p: 5,
    });
    expect(learningRate).toBeCloseTo(0.1 * (1e-3 / 0.17782794), 8);
    expect(learningRateAtEnd).toBeCloseTo(0.1, 12);
    expect(reasons.join(' ')).toContain('178 times as far');
  });
  it('there and back is the same', () => {
    for (const from of rateConventions) {
      for (const to of rateConventions) {
        const there = translateRate({ ...question, from, to }).learningRate;
        expect(translateRate({ ...question, learningRate: there, from: to, to: from }).learningRate).toBeCloseTo(
          0.1,
          12,
        );
      }
    }
  });
  it('takes the same steps as the optimizers themselves, once momentum has settled', () => {
    const steadyStep = (id: string, learningRate: number): number => {
      const spec = findOptimizer(id);
      const numbers = { learningRate, rho: rhoOf(6), beta: 0.9, epsilon: 0, weightDecay: 0, nesterov: 0 };
      let slots: Readonly<Record<string, number>> = { m: 0, a: 0 };
      let theta = 0;
      let step = 0;
      for (let t = 1; t <= 400; t++) {
        const next = spec.updateScalar(theta, 1e-3, slots, { ...numbers, t });
        step = theta - next.theta;
        ({ theta, slots } = next);
      }
      return step;
    };
    const translated = translateRate({ ...question, from: 'sgdm', to: 'lpsgdm' });
    expect(steadyStep('lpsgdm', translated.learningRate)).toBeCloseTo(steadyStep('sgdm', 0.1), 10);
    expect(translated.step).toBeCloseTo(steadyStep('sgdm', 0.1), 10);
  });
});

describe('a range test', () => {
  const base = parseRunConfig({ optimizer: { id: 'lpsgdm' }, pSchedule: { pMax: 8 }, batchSize: 100, epochs: 30 });
  const range = { from: 1e-5, to: 1, steps: 200 };

  it('raises the rate by equal factors from end to end, and leaves p where it begins', () => {
    const config = rangeTestConfig(base, range, 1_437);
    const stepsPerEpoch = 15;
    const schedule = createLearningRateSchedule(config.learningRate, { epochs: config.epochs, stepsPerEpoch });
    const steps = config.epochs * stepsPerEpoch;
    const rates = Array.from({ length: steps }, (_, k) =>
      schedule.at(Math.floor(k / stepsPerEpoch), k % stepsPerEpoch),
    );
    expect(rates[0]).toBeCloseTo(1e-5, 15);
    expect(rates.at(-1)).toBeCloseTo(1, 12);
    const factors = rates.slice(1).map((rate, i) => rate / rates[i]!);
    for (const factor of factors) expect(factor).toBeCloseTo(factors[0]!, 9);
    expect(steps).toBeGreaterThanOrEqual(200);
    expect(config.pSchedule).toMatchObject({ kind: 'constant', pMax: 8 });
  });
  it('takes a part of data that are too many for so few steps', () => {
    const rows = 60_000;
    const config = rangeTestConfig({ ...base, split: { ...base.split, test: 0 } }, range, rows);
    const { totalSteps } = runSize(config, rows);
    expect(totalSteps).toBeGreaterThanOrEqual(195);
    expect(totalSteps).toBeLessThanOrEqual(205);
  });
  it('refuses a range that does not rise', () => {
    expect(() => rangeTestConfig(base, { from: 1, to: 1, steps: 100 }, 100)).toThrow('up to a larger one');
  });
});

describe('the suggestion', () => {
  const rates = Array.from({ length: 200 }, (_, i) => 1e-6 * 1e7 ** (i / 199));
  /** Falls around 1e-2, is least near 1e-1, breaks beyond 1. */
  const lossAt = (rate: number): number => {
    const x = Math.log10(rate);
    const fall = 2.3 / (1 + Math.exp(4 * (x + 2)));
    return fall + (x > -0.2 ? (x + 0.2) * 6 : 0);
  };
  it('lies where a known curve falls fastest', () => {
    const found = suggestRate({ learningRates: rates, losses: rates.map(lossAt) });
    // smoothing over about ten of the 28 points of a decade moves everything to the right by less than half of one
    expect(Math.log10(found.steepest!)).toBeGreaterThan(-2.1);
    expect(Math.log10(found.steepest!)).toBeLessThan(-1.5);
    expect(found.suggestion!).toBeLessThanOrEqual(found.least! / 3 + 1e-9);
    expect(Math.log10(found.diverges!)).toBeGreaterThan(-0.2);
    expect(found.reason).toContain('suggested is');
  });
  it('is none where the loss never falls, and none where it breaks at once', () => {
    expect(suggestRate({ learningRates: rates, losses: rates.map(() => 2.3) })).toMatchObject({ suggestion: null });
    const broken = rates.map((_, i) => (i < 5 ? 2.3 : null));
    expect(suggestRate({ learningRates: rates, losses: broken }).reason).toContain('begin with a smaller rate');
  });
});
