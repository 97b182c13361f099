import { describe, expect, test } from 'vitest';
import type { DraftLayer } from '../../../src/core/models/editLayers.ts';
import { outlineModel } from '../../../src/core/models/outlineModel.ts';
import { readSetting, writeSetting } from '../../../src/renderer/components/models/layerFieldText.ts';
import { dropPlace, editorRows, problemWithin } from '../../../src/renderer/components/models/rows.ts';

const block: DraftLayer = {
  type: 'residual',
  body: [{ type: 'conv2d', filters: 3, kernelSize: 3 }, { type: 'batchNorm' }],
  shortcut: [],
};
const layers: DraftLayer[] = [{ type: 'batchNorm' }, block, { type: 'flatten' }];
const outlineOf = (model: DraftLayer[]) =>
  outlineModel(model, { inputShape: [8, 8, 3], task: 'classes', classCount: 2 });
const outline = outlineOf(layers);

describe('the lines of the layer list', () => {
  test('hide the branches of closed blocks', () => {
    expect(editorRows(outline, new Set()).map(({ key }) => key)).toEqual(['input', '0', '1', '2', 'output']);
  });

  test('show both branches of an open block, an empty one too', () => {
    expect(editorRows(outline, new Set([block])).map(({ key, depth }) => `${key} ${depth}`)).toEqual([
      'input 0',
      '0 0',
      '1 0',
      '1.body 1',
      '1.body.0 2',
      '1.body.1 2',
      '1.shortcut 1',
      '2 0',
      'output 0',
    ]);
  });

  test('take what is dropped on their upper or lower half', () => {
    const rows = new Map(editorRows(outline, new Set([block])).map((row) => [row.key, row]));
    const place = (key: string, half: 'upper' | 'lower') => dropPlace(rows.get(key)!, half, layers.length);
    expect(place('input', 'lower')).toEqual([0]);
    expect(place('0', 'upper')).toEqual([0]);
    expect(place('0', 'lower')).toEqual([1]);
    expect(place('1.body', 'lower')).toEqual([1, 'body', 0]);
    expect(place('1.body.1', 'lower')).toEqual([1, 'body', 2]);
    expect(place('1.shortcut', 'lower')).toEqual([1, 'shortcut', 0]);
    expect(place('output', 'upper')).toEqual([3]);
  });

  test('a closed block tells what is wrong inside', () => {
    const wrong = outlineOf([{ ...block, body: [{ type: 'dropout', rate: 3 }] }]);
    expect(problemWithin(wrong.layers[0]!)).toBe('rate must be at most 0.95');
    expect(problemWithin(outline.layers[1]!)).toBeNull();
  });
});

describe('a setting as text', () => {
  test.each<[string, unknown]>([
    ['3', 3],
    ['3, 5', [3, 5]],
    ['3x5', [3, 5]],
    ['3 × 5', [3, 5]],
    ['1e-5', 1e-5],
    ['same', 'same'],
    ['', undefined],
    ['three', 'three'],
  ])('"%s" means %j', (text, value) => {
    expect(readSetting(text)).toEqual(value);
    expect(readSetting(writeSetting(value))).toEqual(value);
  });
});
