import type { ImportSplit, ImportWarning } from '../../../core/contract/datasetImport.ts';
import { createGenerator, shuffle, type Generator } from '../../../core/random/generator.ts';

/** Part of a row as `parts.npy` stores it. */
export const partCodes = { train: 0, validation: 1, test: 2 } as const;

/** How many of `rows` a share is: at least one when there are enough, and never all. */
function countOf(share: number, rows: number): number {
  return share === 0 || rows < 2 ? 0 : Math.min(rows - 1, Math.max(1, Math.round(share * rows)));
}

/** Gives the first of `order` to the test part, the next to the validation part. */
function dealOrder(order: ArrayLike<number>, { test, validation }: ImportSplit, parts: Uint8Array): void {
  const rows = order.length;
  const testCount = countOf(test, rows);
  const validationCount = Math.min(countOf(validation, rows), rows - testCount - 1);
  for (let i = 0; i < testCount + validationCount; i++) {
    parts[order[i]!] = i < testCount ? partCodes.test : partCodes.validation;
  }
}

function allRows(count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

/** Rows of each value from 0 on that there is, in a random order. */
function rowsByValue(values: Int32Array, generator: Generator): Uint32Array[] {
  const order = allRows(values.length);
  shuffle(order, generator);
  const most = values.reduce((greatest, value) => Math.max(greatest, value), 0);
  const counts = new Uint32Array(most + 1);
  for (const value of values) counts[value]!++;
  const byValue = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(most + 1);
  for (const row of order) {
    const value = values[row]!;
    byValue[value]![filled[value]!++] = row;
  }
  return byValue.filter((rows) => rows.length > 0);
}

/**
 * Deals rows into training, validation and test part; depends on the split and `values` alone. `values` of a stratified
 * split are classes: every class with two rows or more gives its share, at least one. Those of a split by groups are the
 * groups: whole groups are dealt until a part has its share. Otherwise they do not matter.
 */
export function dealParts(split: ImportSplit, rows: number, values: Int32Array | null): Uint8Array {
  const parts = new Uint8Array(rows);
  if (split.test === 0 && split.validation === 0) return parts;
  const generator = createGenerator(split.seed, 'import/split');
  if (split.kind === 'stratified' && values) {
    for (const ofClass of rowsByValue(values, generator)) dealOrder(ofClass, split, parts);
  } else if (split.kind === 'group' && values) {
    const groups = rowsByValue(values, generator);
    const order = allRows(groups.length);
    shuffle(order, generator);
    const wanted = [
      { part: partCodes.test, left: countOf(split.test, rows) },
      { part: partCodes.validation, left: countOf(split.validation, rows) },
    ].filter(({ left }) => left > 0);
    // the last group stays for training
    for (const index of order.subarray(0, -1)) {
      const [next] = wanted;
      if (!next) break;
      for (const row of groups[index]!) parts[row] = next.part;
      next.left -= groups[index]!.length;
      if (next.left <= 0) wanted.shift();
    }
  } else {
    const order = allRows(rows);
    shuffle(order, generator);
    dealOrder(order, split, parts);
  }
  return parts;
}

export function countParts(parts: Uint8Array): { train: number; validation: number; test: number } {
  const counts = [0, 0, 0];
  for (const part of parts) counts[part]!++;
  return { train: counts[0]!, validation: counts[1]!, test: counts[2]! };
}

export function noTestPart(): ImportWarning {
  return {
    kind: 'split',
    message:
      'There is no test part: what is fitted on training rows is fitted on all rows, also those a run holds out.',
  };
}
