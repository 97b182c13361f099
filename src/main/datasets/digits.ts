import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '../../core/errors.ts';
import type { BuiltinDataset } from './builtinDataset.ts';

const pixels = 64;
const darkest = 16;
const isWhole = (value: number, largest: number): boolean => Number.isInteger(value) && value >= 0 && value <= largest;

function corrupt(file: string, what: string, cause?: unknown): AppError {
  return new AppError('datasetCorrupt', `${file} is damaged: ${what}. Install lp-workbench again.`, {
    details: { path: file },
    cause,
  });
}

/** Real handwritten digits, bundled: 1,797 images of 8x8 pixels with values 0..16, scaled to 0..1. */
export function digits(resourcesDir: string): BuiltinDataset {
  const id = 'digits';
  const name = 'Handwritten digits';
  const description = '1,797 handwritten digits, 8x8 pixels, 10 classes';
  return {
    recipe: 'digits 1',
    id,
    name,
    description,
    async make() {
      const file = path.join(resourcesDir, 'datasets', 'digits.csv.gz');
      const text = await readFile(file)
        .then((bytes) => promisify(gunzip)(bytes))
        .then(
          (bytes) => bytes.toString('latin1'),
          (error: unknown) => {
            throw corrupt(file, error instanceof Error ? error.message : String(error), error);
          },
        );
      const lines = text.split('\n').filter((line) => line !== '');
      const x = new Uint8Array(lines.length * pixels);
      const y = new Int32Array(lines.length);
      lines.forEach((line, row) => {
        const numbers = line.split(',').map(Number);
        const label = numbers.pop() ?? -1;
        const isGood = numbers.length === pixels && numbers.every((v) => isWhole(v, darkest)) && isWhole(label, 9);
        if (!isGood) throw corrupt(file, `row ${row + 1} is not 64 pixels from 0 to 16 and a digit`);
        x.set(numbers, row * pixels);
        y[row] = label;
      });
      return {
        facts: {
          id,
          name,
          description,
          task: 'classes',
          rows: lines.length,
          shape: [8, 8, 1],
          scale: 1 / darkest,
          offset: 0,
          classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
          source:
            'E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits (1998), UCI Machine Learning Repository, test part',
          license: 'CC BY 4.0',
        },
        content: { x, y, targetSize: 1 },
      };
    },
  };
}
