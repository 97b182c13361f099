import type { ImportWarning } from '../../../core/contract/datasetImport.ts';
import { partCodes } from './dealParts.ts';

/** Rows above which the search would take too much memory. */
const maxRows = 500_000;

/** Finds samples of the test part that are also in the training part, by a 53-bit hash of their bytes. */
export function createDuplicateFinder(rows: number): {
  add(samples: Uint8Array | Float32Array, size: number, parts: Uint8Array): void;
  warnings(): ImportWarning[];
} {
  const training = new Set<number>();
  const test: number[] = [];
  return {
    add(samples, size, parts) {
      if (rows > maxRows) return;
      const words = wordsOf(samples, size);
      const width = (size * words.length) / samples.length;
      for (let row = 0; row < parts.length; row++) {
        const key = hashOf(words, row * width, width);
        if (parts[row] === partCodes.train) training.add(key);
        else test.push(key);
      }
    },
    warnings() {
      const found = test.reduce((count, key) => count + (training.has(key) ? 1 : 0), 0);
      if (found === 0) return [];
      const share = ((100 * found) / test.length).toFixed(1);
      const message = `${found.toLocaleString('en')} held-out rows (${share} %) have the same features as a training row, which makes test results look better than they are.`;
      return [{ kind: 'duplicates', message }];
    },
  };
}

/** Four bytes at a time where rows of bytes allow it. */
function wordsOf(samples: Uint8Array | Float32Array, size: number): Uint8Array | Uint32Array {
  const { buffer, byteOffset, byteLength } = samples;
  if (samples instanceof Uint8Array && (size % 4 !== 0 || byteOffset % 4 !== 0)) return samples;
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

function hashOf(words: Uint8Array | Uint32Array, start: number, size: number): number {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let i = start; i < start + size; i++) {
    a = Math.imul(a ^ words[i]!, 0x01000193);
    a ^= a >>> 13;
    b = Math.imul(b ^ words[i]!, 0x85ebca6b);
    b ^= b >>> 15;
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}
