import { describe, expect, it } from 'vitest';
import { planStudy } from '../../../src/core/studies/planStudy.ts';
import { parseStudySpec, type StudySpecInput } from '../../../src/core/studies/studySpec.ts';

const plan = (spec: StudySpecInput) => planStudy(parseStudySpec(spec));
const lpsgdm = {
  id: 'lpsgdm',
  settings: { 'learningRate.base': 0.01, 'optimizer.hyperparameters.weightDecay': 0.001 },
};
const sgdm = { id: 'sgdm', settings: { 'learningRate.base': 0.1 } };
const base = { epochs: 4, model: { preset: 'cnn' }, learningRate: { kind: 'linear' } };

const messageOf = (spec: unknown): string => {
  try {
    planStudy(parseStudySpec(spec));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

it('a study that is read again is the same to the letter, by which one that has begun is found', () => {
  const once = parseStudySpec({ base, optimizers: [lpsgdm, { ...sgdm, label: 'mine' }], seeds: [0] });
  expect(JSON.stringify(parseStudySpec(once))).toBe(JSON.stringify(once));
});

describe('the runs of a study', () => {
  it('are every optimizer with every seed, all of a seed before the next', () => {
    const { settings, runs } = plan({ base, optimizers: [lpsgdm, sgdm], seeds: [3, 1] });
    expect(settings.map(({ id, label }) => [id, label])).toEqual([
      ['0.0', 'LPSGDM'],
      ['1.0', 'SGDM'],
    ]);
    expect(runs.map(({ position, settingId, seed, config }) => [position, settingId, seed, config.seed])).toEqual([
      [0, '0.0', 3, 3],
      [1, '1.0', 3, 3],
      [2, '0.0', 1, 1],
      [3, '1.0', 1, 1],
    ]);
    expect(runs[0]!.config).toMatchObject({
      epochs: 4,
      model: { preset: 'cnn' },
      learningRate: { base: 0.01, kind: 'linear' },
      optimizer: { id: 'lpsgdm', hyperparameters: { beta: 0.9, weightDecay: 0.001 } },
    });
    expect(runs[1]!.config).toMatchObject({ learningRate: { base: 0.1, kind: 'linear' }, optimizer: { id: 'sgdm' } });
  });

  it('of one seed differ in the optimizer and its settings only, so weights and batches are the same', () => {
    const { runs } = plan({ base, optimizers: [lpsgdm, sgdm], seeds: [0] });
    const shared = runs.map(({ config: { optimizer: _o, learningRate: _l, pSchedule: _p, ...rest } }) => rest);
    expect(shared[1]).toEqual(shared[0]);
  });

  it('of a grid are all combinations, without those that change nothing', () => {
    const { settings } = plan({
      base,
      optimizers: [lpsgdm, sgdm],
      seeds: [0],
      search: {
        kind: 'grid',
        axes: [
          { path: 'pSchedule.pMax', values: [2, 6] },
          { path: 'optimizer.hyperparameters.nesterov', values: [true, false] },
          { path: 'learningRate.base', values: [0.1, 0.01], only: ['LPSGDM'] },
        ],
      },
    });
    expect(settings.map(({ label }) => label)).toEqual([
      'LPSGDM, pMax 2, learningRate 0.1',
      'LPSGDM, pMax 2, learningRate 0.01',
      'LPSGDM, pMax 6, learningRate 0.1',
      'LPSGDM, pMax 6, learningRate 0.01',
      'SGDM, nesterov true',
      'SGDM, nesterov false',
    ]);
  });

  it('of a random search are the same whenever planned, and of an axis whatever the others are', () => {
    const search = (axes: object[], seed = 7) => ({ kind: 'random', trials: 40, seed, axes });
    const rate = { path: 'learningRate.base', min: 1e-4, max: 1, scale: 'log' };
    const width = { path: 'batchSize', min: 16, max: 64, isInteger: true };
    const points = (axes: object[], seed?: number) =>
      plan({ base, optimizers: [lpsgdm], seeds: [0], search: search(axes, seed) as never }).settings.map(
        ({ point }) => point,
      );
    const both = points([rate, width]);
    expect(points([rate, width])).toEqual(both);
    expect(points([rate]).map((point) => point['learningRate.base'])).toEqual(
      both.map((point) => point['learningRate.base']),
    );
    expect(points([rate, width], 8)).not.toEqual(both);
    for (const point of both) {
      expect(point['learningRate.base']).toBeGreaterThanOrEqual(1e-4);
      expect(point['learningRate.base']).toBeLessThanOrEqual(1);
      expect(Number.isInteger(point['batchSize'])).toBe(true);
      expect(point['batchSize']).toBeLessThanOrEqual(64);
    }
    const decades = both.map((point) => Math.floor(Math.log10(Number(point['learningRate.base']))));
    expect(new Set(decades)).toEqual(new Set([-4, -3, -2, -1]));
  });
});

describe('a study that cannot be', () => {
  it.each([
    [{ optimizers: [], seeds: [0] }, 'at least one optimizer'],
    [{ optimizers: [sgdm], seeds: [] }, 'at least one seed'],
    [{ optimizers: [sgdm], seeds: [1, 1] }, 'a seed is named twice'],
    [{ optimizers: [{ id: 'lpsgmd' }], seeds: [0] }, 'did you mean "lpsgdm"'],
    [{ optimizers: [sgdm, sgdm], seeds: [0] }, 'two optimizers are called "SGDM"'],
    [{ optimizers: [{ id: 'sgdm', settings: { 'learningRate.base': -1 } }], seeds: [0] }, 'SGDM: '],
    [
      { optimizers: [sgdm], seeds: [0], search: { kind: 'grid', axes: [{ path: 'pSchedule.pMax', values: [2] }] } },
      'pSchedule.pMax concerns none',
    ],
    [
      { optimizers: [sgdm], seeds: [0], search: { kind: 'grid', axes: [{ path: 'no.such.thing', values: [2] }] } },
      'no',
    ],
    [
      {
        optimizers: [sgdm],
        seeds: Array.from({ length: 100 }, (_, i) => i),
        search: { kind: 'random', trials: 21, axes: [{ path: 'learningRate.base', min: 0.1, max: 1 }] },
      },
      '2100 runs',
    ],
  ])('%j says %s', (spec, expected) => {
    expect(messageOf(spec)).toContain(expected);
  });
});
