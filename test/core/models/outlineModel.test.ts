import { describe, expect, test } from 'vitest';
import { modelCatalogue } from '../../../src/core/models/catalogue.ts';
import type { DraftLayer } from '../../../src/core/models/editLayers.ts';
import { layerCatalogue, layerTypes } from '../../../src/core/models/layerCatalogue.ts';
import { layerSpecSchema } from '../../../src/core/models/layerSpec.ts';
import { planModel } from '../../../src/core/models/modelPlan.ts';
import { outlineModel } from '../../../src/core/models/outlineModel.ts';

const surroundings = { inputShape: [32, 32, 3], task: 'classes', classCount: 10 } as const;
const outline = (layers: DraftLayer[]) => outlineModel(layers, surroundings);
const conv = (filters: number, more = {}): DraftLayer => ({
  type: 'conv2d',
  filters,
  kernelSize: 3,
  padding: 1,
  ...more,
});

test.each(modelCatalogue.map(({ id }) => id))('the outline of %s has the shapes and counts of its plan', (id) => {
  const layers = modelCatalogue.find((entry) => entry.id === id)!.layers({}, surroundings.inputShape);
  const plan = planModel({ layers }, surroundings);
  const found = outline(layers as unknown as DraftLayer[]);
  expect(found.problemCount).toBe(0);
  expect(found.parameterCount).toBe(plan.parameterCount);
  expect(found.layers.map(({ outputShape }) => outputShape)).toEqual(
    plan.layers.slice(0, layers.length).map(({ outputShape }) => outputShape),
  );
  expect(found.output?.outputShape).toEqual([10]);
});

describe('what is wrong is stated at the layer that causes it', () => {
  test('a window that does not fit, with nothing known behind it', () => {
    const { layers, output, problemCount } = outline([
      conv(4),
      { type: 'maxPool2d', poolSize: 40 },
      conv(8),
      { type: 'flatten' },
    ]);
    expect(layers.map(({ problem }) => problem !== null)).toEqual([false, true, false, false]);
    expect(layers[1]!.problem).toMatch(/^its window of 40 does not fit into 32 pixels/);
    expect(layers.map(({ outputShape }) => outputShape)).toEqual([[32, 32, 4], null, null, null]);
    expect([output, problemCount]).toEqual([null, 1]);
  });

  test('settings that are missing or wrong, by their names', () => {
    const { layers } = outline([conv(0), { type: 'conv2d' }, { type: 'dropout', rate: 2 }, { type: 'wobble' }]);
    expect(layers[0]!.fieldProblems).toEqual({ filters: 'filters must be at least 1' });
    expect(layers[0]!.problem).toBe('filters must be at least 1');
    expect(Object.keys(layers[1]!.fieldProblems)).toEqual(['filters', 'kernelSize']);
    expect(layers[2]!.problem).toBe('rate must be at most 0.95');
    expect(layers[3]!.problem).toMatch(/^there is no layer "wobble"; known: dense, conv2d/);
  });

  test('branches that end in other shapes, at their block', () => {
    const { layers, problemCount } = outline([
      { type: 'residual', body: [conv(8), { type: 'batchNorm' }], shortcut: [] },
      { type: 'flatten' },
    ]);
    expect(problemCount).toBe(1);
    expect(layers[0]!.problem).toBe(
      'its body ends in [32, 32, 8] and its shortcut in [32, 32, 3]; they are added and must agree.',
    );
    expect(layers[0]!.branches!.body.map(({ outputShape, parameterCount }) => [outputShape, parameterCount])).toEqual([
      [[32, 32, 8], 224],
      [[32, 32, 8], 16],
    ]);
  });

  test('a mistake in a branch, there and not at the block', () => {
    const { layers, problemCount } = outline([{ type: 'residual', body: [{ type: 'dense', units: 4 }], shortcut: [] }]);
    expect(problemCount).toBe(1);
    expect(layers[0]!.problem).toBeNull();
    expect(layers[0]!.branches!.body[0]!.problem).toMatch(/^a dense layer needs a flat input/);
  });

  test('a block in a block, and a block without a body', () => {
    const nested = { type: 'residual', body: [conv(3)], shortcut: [] };
    expect(outline([{ type: 'residual', body: [nested] }]).layers[0]!.branches!.body[0]!.problem).toMatch(
      /^a residual block cannot stand inside another/,
    );
    expect(outline([{ type: 'residual', body: [] }]).layers[0]!.problem).toBe('its body needs at least one layer.');
  });
});

test.each(layerTypes)('a new %s has no setting missing, and its fields are its settings', (type) => {
  const { start, fields } = layerCatalogue[type];
  const parsed = layerSpecSchema.parse({ type, ...start });
  const own = Object.keys(parsed).filter((key) => !['type', 'body', 'shortcut'].includes(key));
  const optional = fields.filter(({ isOptional }) => isOptional).map(({ key }) => key);
  expect(fields.map(({ key }) => key).toSorted()).toEqual([...new Set([...own, ...optional])].toSorted());
});
