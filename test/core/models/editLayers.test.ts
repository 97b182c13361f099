import { describe, expect, test } from 'vitest';
import {
  insertLayer,
  layerAt,
  moveLayer,
  nudgeLayer,
  placeLeftBy,
  removeLayer,
  replaceLayer,
  type DraftLayer,
  type LayerPlace,
} from '../../../src/core/models/editLayers.ts';

const leaf = (type: string): DraftLayer => ({ type });
const block = (body: string[], shortcut: string[] = []): DraftLayer => ({
  type: 'residual',
  body: body.map(leaf),
  shortcut: shortcut.map(leaf),
});
const model = [leaf('a'), block(['b', 'c'], ['d']), leaf('e')];

/** The model as text: a (b c | d) e */
const write = (layers: readonly DraftLayer[]): string =>
  layers
    .map((layer) =>
      layer['type'] === 'residual'
        ? `(${write(layer['body'] as DraftLayer[])} | ${write(layer['shortcut'] as DraftLayer[])})`
        : String(layer['type']),
    )
    .join(' ');

test('layers are put in, taken out and replaced at the top and in branches', () => {
  expect(write(insertLayer(model, [1], leaf('x')))).toBe('a x (b c | d) e');
  expect(write(insertLayer(model, [1, 'shortcut', 1], leaf('x')))).toBe('a (b c | d x) e');
  expect(write(removeLayer(model, [1, 'body', 0]))).toBe('a (c | d) e');
  expect(write(removeLayer(model, [1]))).toBe('a e');
  expect(write(replaceLayer(model, [1, 'body', 1], leaf('x')))).toBe('a (b x | d) e');
  expect(write(model)).toBe('a (b c | d) e');
});

describe('moving a layer', () => {
  test.each<[LayerPlace, LayerPlace, string]>([
    [[0], [3], '(b c | d) e a'],
    [[2], [0], 'e a (b c | d)'],
    [[0], [1, 'body', 1], '(b a c | d) e'],
    [[1, 'body', 0], [1, 'body', 2], 'a (c b | d) e'],
    [[1, 'body', 0], [1, 'shortcut', 1], 'a (c | d b) e'],
    [[1, 'shortcut', 0], [0], 'd a (b c | ) e'],
  ])('from %j to before %j gives %s', (from, to, expected) => {
    const moved = moveLayer(model, from, to)!;
    expect(write(moved.layers)).toBe(expected);
    expect(layerAt(moved.layers, moved.place)).toBe(layerAt(model, from));
  });

  test('to where it is changes nothing, and blocks do not go into blocks', () => {
    expect(moveLayer(model, [0], [1])).toBeNull();
    expect(moveLayer(model, [1], [1])).toBeNull();
    expect(moveLayer([...model, block(['x'])], [3], [1, 'body', 0])).toBeNull();
  });
});

test('step by step a layer visits every place there is, and comes back', () => {
  const seen = [write(model)];
  let current = { layers: [...model], place: [0] as LayerPlace };
  for (let next = nudgeLayer(current.layers, current.place, 1); next; next = nudgeLayer(next.layers, next.place, 1)) {
    current = next;
    seen.push(write(current.layers));
  }
  expect(seen).toEqual([
    'a (b c | d) e',
    '(a b c | d) e',
    '(b a c | d) e',
    '(b c a | d) e',
    '(b c | a d) e',
    '(b c | d a) e',
    '(b c | d) a e',
    '(b c | d) e a',
  ]);
  for (let next = nudgeLayer(current.layers, current.place, -1); next; next = nudgeLayer(next.layers, next.place, -1)) {
    current = next;
    expect(write(current.layers)).toBe(seen.at(-2));
    seen.pop();
  }
  expect(current.layers).toEqual(model);
});

test('a block goes past other blocks in one step', () => {
  const moved = nudgeLayer([block(['x']), ...model.slice(1)], [0], 1)!;
  expect(write(moved.layers)).toBe('(b c | d) (x | ) e');
});

test('after a layer is gone its successor is selected, else its predecessor, else its block', () => {
  const without = (layers: readonly DraftLayer[], place: LayerPlace) => placeLeftBy(removeLayer(layers, place), place);
  expect(without(model, [0])).toEqual([0]);
  expect(without(model, [2])).toEqual([1]);
  expect(without(model, [1, 'body', 1])).toEqual([1, 'body', 0]);
  expect(without(model, [1, 'shortcut', 0])).toEqual([1]);
  expect(without([leaf('a')], [0])).toBeNull();
});
