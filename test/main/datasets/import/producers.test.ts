import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { golden, importPlace, type Imported } from './importHere.ts';

/** Files that NumPy, pandas, pyarrow, h5py and openpyxl wrote, and the numbers that they read in them (make.py). */
interface ExpectedArrays {
  x: unknown;
  y: number[];
  shape: number[];
  classes?: string[];
  packed?: number[][];
}
interface ExpectedTable {
  columns: Record<string, (number | string | boolean | null)[]>;
  features: string[];
  target: string;
}
const expected = JSON.parse(readFileSync(path.join(golden, 'expected.json'), 'utf8')) as Record<
  string,
  ExpectedArrays | ExpectedTable
>;
const arrays = (name: string): ExpectedArrays => expected[name] as ExpectedArrays;
const tables = Object.keys(expected).filter((name) => 'columns' in expected[name]!);

const place = importPlace();
afterAll(() => place.remove());
const file = (name: string): string => path.join(golden, name);
const as32 = (values: unknown): number[] => ([values].flat(Infinity) as number[]).map(Math.fround);

/** Values as a model means them, before normalisation. */
const valuesOf = ({ x, meta }: Imported): number[] =>
  Array.from(x, (v) => (meta.scale === 1 ? v : Math.round(v * meta.scale * 255)));

describe('arrays hold exactly the numbers that NumPy reads, to float32', () => {
  const numbered = Object.keys(expected).filter(
    (name) => name.endsWith('.npz') && !['fortran.npz', 'names.npz', 'regression.npz'].includes(name),
  );
  it.each(numbered)('%s', async (name) => {
    const imported = await place.importHere(file(name));
    const { x, y, shape } = arrays(name);
    expect(valuesOf(imported)).toEqual(as32(x));
    expect([...imported.y]).toEqual(y);
    expect(imported.meta).toMatchObject({ rows: shape[0], task: 'classes', classes: ['0', '1', '2'] });
  });

  it('in Fortran order and packed, as images', async () => {
    const imported = await place.importHere(file('fortran.npz'));
    expect([...imported.x]).toEqual(as32(arrays('fortran.npz').x));
    expect(imported.meta.shape).toEqual([4, 5, 3]);
    expect(imported.meta.normalization!.mean).toHaveLength(3);
  });

  it('with texts as classes, and targets of a regression', async () => {
    const named = await place.importHere(file('names.npz'));
    const { classes, y } = arrays('names.npz');
    expect(Array.from(named.y, (label) => named.meta.classes[label])).toEqual(y.map((label) => classes![label]));
    const regression = await place.importHere(file('regression.npz'));
    expect(regression.meta).toMatchObject({ task: 'regression', classes: [] });
    expect([...regression.y]).toEqual(as32(arrays('regression.npz').y));
  });

  it('with parts by their names: x_train, y_train, x_test, y_test', async () => {
    const { meta, parts } = await place.importHere(file('keras.npz'));
    expect(meta).toMatchObject({ shape: [6, 5, 1], dtype: 'uint8', parts: { train: 18, validation: 0, test: 6 } });
    expect([...parts!]).toEqual([...Array<number>(18).fill(0), ...Array<number>(6).fill(2)]);
  });

  it('in one .npy, whose last column is the target', async () => {
    const imported = await place.importHere(file('table.npy'), { normalize: 'none' });
    expect([...imported.x]).toEqual(as32(arrays('table.npy').x));
    expect([...imported.y]).toEqual(arrays('table.npy').y);
    expect(imported.meta).toMatchObject({ classes: ['0', '1', '2'], features: ['column 1', 'column 2', 'column 3'] });
  });

  it('in the four files of MNIST dropped together', async () => {
    const names = readdirSync(golden).filter((name) => name.includes('-idx'));
    expect(names).toHaveLength(4);
    const imported = await place.importHere(names.map(file));
    const { x, y } = arrays('mnist');
    expect(imported.meta).toMatchObject({
      rows: 30,
      shape: [7, 6, 1],
      dtype: 'uint8',
      parts: { train: 20, validation: 0, test: 10 },
    });
    expect([...imported.x]).toEqual(as32(x));
    expect([...imported.y]).toEqual(y);
  });

  it('in HDF5, whichever datasets are chosen', async () => {
    const first = await place.importHere(file('data.h5'), { samples: 'x', target: 'y' });
    expect([...first.x]).toEqual(as32(arrays('data.h5').x));
    const packed = await place.importHere(file('data.h5'), { samples: 'packed/x', target: 'packed/y' });
    expect([...packed.x]).toEqual(as32(arrays('data.h5').packed));
    expect(packed.meta.classes).toEqual(['cat', 'dog', 'eel']);
    const images = await place.importHere(file('data.h5'), { samples: 'deep/images', target: 'deep/labels' });
    expect([...images.x]).toEqual(as32(arrays('mnist').x));
    const seen = await place.inspectHere(file('data.h5'));
    // a link to another file is not followed
    expect(seen.arrays.map(({ name }) => name).toSorted()).toEqual([
      'deep/images',
      'deep/labels',
      'packed/x',
      'packed/y',
      'x',
      'y',
    ]);
    expect(seen.guess).toMatchObject({ samples: 'x', target: 'y' });
  });
});

describe('tables hold exactly what pandas and pyarrow read', () => {
  it.each(tables)('%s', async (name) => {
    const { columns, features, target } = expected[name] as ExpectedTable;
    const texts = features.filter(
      (feature) => columns[feature]!.some((cell) => typeof cell === 'string') && feature !== 'day',
    );
    const encodings = Object.fromEntries([
      ...texts.map((feature) => [feature, 'ordinal']),
      ...('index' in columns ? [['index', 'numeric']] : []),
    ]);
    const { meta, x, y } = await place.importHere(file(name), { target, encodings, normalize: 'none' } as never);
    const rows = columns[target]!.length;
    expect(meta.rows).toBe(rows);
    expect(Array.from(y, (label) => meta.classes[label])).toEqual(columns[target]!.map(String));
    for (const [i, feature] of meta.features!.entries()) {
      const cells = columns[feature]!;
      const order = [...new Set(cells.filter((cell) => cell !== null))].toSorted() as string[];
      cells.forEach((cell, row) => {
        if (cell === null) return;
        const wanted =
          feature === 'day'
            ? Date.parse(String(cell)) / 86_400_000
            : typeof cell === 'string'
              ? order.indexOf(cell)
              : Number(cell);
        expect(x[row * meta.features!.length + i], `${feature} of row ${row + 1}`).toBe(Math.fround(wanted));
      });
    }
    const left = features.filter((feature) => !meta.features!.includes(feature));
    expect(left).toEqual([]);
  });

  it('numbers in every decimal form, to the last bit before float32', async () => {
    const { x, y } = await place.importHere(file('digits.csv'), { normalize: 'none' });
    expect([...x]).toEqual(as32(arrays('digits.csv').x));
    expect([...y]).toEqual(arrays('digits.csv').y);
  });

  it('files of an archive by their names are training and test part', async () => {
    for (const name of ['csv.zip', 'csv.tar', 'csv.tar.gz']) {
      const { meta } = await place.importHere(file(name));
      expect(meta.parts).toEqual({ train: 30, validation: 0, test: 10 });
    }
  });

  it('a sheet of a workbook, the first one with data or the chosen one', async () => {
    const seen = await place.inspectHere(file('book.xlsx'));
    expect(seen).toMatchObject({ sheets: ['cover', 'data'], guess: { sheet: 'data', target: 'label' } });
  });
});
