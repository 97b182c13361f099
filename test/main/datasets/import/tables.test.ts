import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createGenerator } from '../../../../src/core/random/generator.ts';
import { parseNumber } from '../../../../src/main/datasets/import/table/parseNumber.ts';
import { importPlace } from './importHere.ts';

const place = importPlace();
afterAll(() => place.remove());
let files = 0;
const write = (text: string): string => {
  const file = path.join(place.dir, `table-${++files}.csv`);
  writeFileSync(file, text);
  return file;
};
const csv = (header: string, rows: number, row: (i: number) => unknown[]): string =>
  write(`${header}\n${Array.from({ length: rows }, (_, i) => row(i).join(',')).join('\n')}\n`);
const count = (parts: Uint8Array, part: number): number => parts.filter((each) => each === part).length;

describe('what is found in a table', () => {
  it('types, counts, ranges, common values and histograms of columns', async () => {
    const file = csv('size,when,colour,nothing,same,kind', 100, (i) => [
      i === 3 ? '' : i / 4,
      `2024-01-${String((i % 28) + 1).padStart(2, '0')}`,
      i % 4 === 0 ? 'red' : 'blue',
      '',
      7,
      i % 2 ? 'a' : 'b',
    ]);
    const { columns, classes, guess, warnings } = await place.inspectHere(file);
    const [size, when, colour, nothing, same, kind] = columns;
    expect(size).toMatchObject({
      type: 'number',
      missing: 1,
      minimum: 0,
      maximum: 24.75,
      distinct: 99,
      role: 'feature',
      encoding: 'numeric',
    });
    expect(size!.histogram).toHaveLength(20);
    expect(size!.histogram.reduce((sum, n) => sum + n, 0)).toBe(99);
    expect(size!.mean).toBeCloseTo((4950 - 3) / 4 / 99, 10);
    expect(when).toMatchObject({ type: 'date', encoding: 'numeric' });
    expect(colour).toMatchObject({
      type: 'text',
      distinct: 2,
      top: [
        { value: 'blue', count: 75 },
        { value: 'red', count: 25 },
      ],
      encoding: 'oneHot',
    });
    expect(nothing).toMatchObject({ type: 'empty', role: 'ignored' });
    expect(same).toMatchObject({ role: 'ignored' });
    expect(kind).toMatchObject({ role: 'target' });
    expect(classes).toEqual([
      { name: 'a', count: 50 },
      { name: 'b', count: 50 },
    ]);
    expect(guess).toMatchObject({ target: 'kind', task: 'classes', split: { kind: 'stratified', test: 0.2 } });
    expect(warnings.map(({ kind: of }) => of)).toEqual(['constantColumn', 'constantColumn']);
  });

  it('columns that number the rows, give the target away or hold free text', async () => {
    const file = csv('id,code,note,x,kind', 200, (i) => [i + 1, i % 3, `text ${i}`, Math.sin(i), 'abc'[i % 3]]);
    const { warnings, columns } = await place.inspectHere(file);
    expect(warnings.map(({ kind, message }) => [kind, /"(\w+)"/.exec(message)![1]])).toEqual([
      ['idColumn', 'id'],
      ['tooManyValues', 'note'],
      ['leakingColumn', 'code'],
    ]);
    expect(columns.map(({ role }) => role)).toEqual(['ignored', 'feature', 'ignored', 'feature', 'target']);
    const regression = csv('cm,other,inch', 100, (i) => [
      (2.54 * Math.cos(i)).toFixed(9),
      Math.sin(7 * i),
      Math.cos(i).toFixed(9),
    ]);
    expect((await place.inspectHere(regression)).warnings).toMatchObject([{ kind: 'leakingColumn' }]);
  });

  it('a single class, classes of very different size, rows of the test part that are also in the training part', async () => {
    const one = await place.importHere(csv('x,z,kind', 30, (i) => [Math.sin(i), i % 7, 'only']));
    expect(one.warnings.map(({ kind }) => kind)).toContain('oneClass');
    const uneven = await place.importHere(csv('x,z,kind', 200, (i) => [Math.sin(i), i % 7, i < 8 ? 'rare' : 'common']));
    expect(uneven.warnings.find(({ kind }) => kind === 'imbalance')!.message).toContain('"rare" has 8');
    const twice = await place.importHere(
      csv('x,z,kind', 200, (i) => [i % 10, i % 5, 'ab'[(i * 7 + (i >> 3)) % 2]]),
      { encodings: { x: 'numeric' } },
    );
    expect(twice.warnings.map(({ kind }) => kind)).toContain('duplicates');
  });
});

describe('what becomes of it', () => {
  it('one-hot, ordinal and numeric features, in the order of the columns', async () => {
    const file = csv('a,b,c,y', 40, (i) => [i / 2, ['low', 'mid', 'top'][i % 3], ['s', 't'][i % 2], (i % 4) + 0.5]);
    const { meta, x, y } = await place.importHere(file, {
      task: 'regression',
      encodings: { b: 'ordinal', c: 'oneHot' },
      normalize: 'none',
    });
    expect(meta.features).toEqual(['a', 'b', 'c=s', 'c=t']);
    expect([...x.subarray(0, 12)]).toEqual([0, 0, 1, 0, 0.5, 1, 0, 1, 1, 2, 1, 0]);
    expect([...y.subarray(0, 4)]).toEqual([0.5, 1.5, 2.5, 3.5]);
  });

  it('normalization is fitted on the training part only', async () => {
    const file = csv('x,w,y', 100, (i) => [i * i, Math.sin(i), i % 2]);
    const { meta, x, parts } = await place.importHere(file);
    const training = Array.from({ length: 100 }, (_, i) => i).filter((i) => parts![i] === 0);
    const mean = training.reduce((sum, i) => sum + x[2 * i]!, 0) / training.length;
    const variance = training.reduce((sum, i) => sum + (x[2 * i]! - mean) ** 2, 0) / training.length;
    expect(meta.normalization!.mean[0]).toBeCloseTo(mean, 6);
    expect(meta.normalization!.deviation[0]).toBeCloseTo(Math.sqrt(variance), 6);
    const scaled = await place.importHere(file, { normalize: 'minMax' });
    const values = training.map((i) => x[2 * i]!);
    expect(scaled.meta.normalization).toMatchObject({
      mean: [Math.min(...values), expect.any(Number)],
      deviation: [Math.max(...values) - Math.min(...values), expect.any(Number)],
    });
  });
});

describe('parts', () => {
  const file = csv('x,who,fold,kind', 300, (i) => [
    Math.sin(i),
    `person ${i % 15}`,
    i % 5 === 0 ? 'test' : i % 5 === 1 ? 'val' : 'train',
    i % 10 === 0 ? 'rare' : 'common',
  ]);
  const seed = { validation: 0, seed: 0 };

  it('of every class its share, the same for the same seed and others for another', async () => {
    const first = await place.importHere(file, { split: { kind: 'stratified', test: 0.3, validation: 0.1, seed: 5 } });
    expect(first.meta.parts).toEqual({ train: 180, validation: 30, test: 90 });
    const rare = first.meta.classes.indexOf('rare');
    expect(first.parts!.filter((part, row) => part === 2 && first.y[row] === rare)).toHaveLength(9);
    const again = await place.importHere(file, { split: { kind: 'stratified', test: 0.3, validation: 0.1, seed: 5 } });
    expect(again.meta.hash).toBe(first.meta.hash);
    const other = await place.importHere(file, { split: { kind: 'stratified', test: 0.3, validation: 0.1, seed: 6 } });
    expect(other.parts).not.toEqual(first.parts);
  });

  it('by a column that says so, which is no feature then', async () => {
    const { meta, parts } = await place.importHere(file, {
      split: { kind: 'column', test: 0, ...seed, column: 'fold' },
    });
    expect(meta.parts).toEqual({ train: 180, validation: 60, test: 60 });
    expect([...parts!.subarray(0, 5)]).toEqual([2, 1, 0, 0, 0]);
    expect(meta.features!.some((name) => name.startsWith('fold'))).toBe(false);
  });

  it('by groups that stay together', async () => {
    const { parts } = await place.importHere(file, { split: { kind: 'group', test: 0.2, ...seed, column: 'who' } });
    expect(count(parts!, 2)).toBe(60);
    const partsOf = (person: number): Set<number> => new Set(parts!.filter((_, row) => row % 15 === person));
    expect(Array.from({ length: 15 }, (_, person) => partsOf(person).size)).toEqual(Array<number>(15).fill(1));
  });
});

it('numbers are read to the last bit, whatever their form', () => {
  const generator = createGenerator(3, 'test/numbers');
  const encoder = new TextEncoder();
  const wrong: string[] = [];
  for (let i = 0; i < 50_000; i++) {
    const value = generator.nextNormal() * 10 ** (generator.nextInt(80) - 40);
    const text = [
      String(value),
      value.toPrecision(17),
      value.toExponential(8),
      value.toFixed(6),
      value.toPrecision(19),
    ][i % 5]!;
    const bytes = encoder.encode(text);
    if (!Object.is(parseNumber(bytes, 0, bytes.length, 0x2e), Number(text))) wrong.push(text);
  }
  expect(wrong).toEqual([]);
});
