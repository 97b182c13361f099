import type { ImportSplit } from '../../../core/contract/datasetImport.ts';
import { createGenerator, shuffle } from '../../../core/random/generator.ts';

/** Part of a row as `parts.npy` stores it. */
export const partCodes = { train: 0, validation: 1, test: 2 } as const;

/**
 * Deals rows into training and test part. Depends on the split and the labels alone. `labels`: class of each row, needed
 * by a stratified split; of every class with two rows or more the test part gets its share, at least one.
 */
export function dealParts(split: ImportSplit, rows: number, labels: Int32Array | null): Uint8Array {
  const parts = new Uint8Array(rows);
  if (split.test === 0) return parts;
  const generator = createGenerator(split.seed, 'import/split');
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  shuffle(order, generator);
  if (split.kind !== 'stratified' || labels === null) {
    const count = Math.min(rows - 1, Math.max(rows > 1 ? 1 : 0, Math.round(split.test * rows)));
    for (let i = 0; i < count; i++) parts[order[i]!] = partCodes.test;
    return parts;
  }
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const left = new Map(
    [...sizes].map(([label, size]) => [
      label,
      size < 2 ? 0 : Math.min(size - 1, Math.max(1, Math.round(split.test * size))),
    ]),
  );
  for (const row of order) {
    const wanted = left.get(labels[row]!)!;
    if (wanted === 0) continue;
    parts[row] = partCodes.test;
    left.set(labels[row]!, wanted - 1);
  }
  return parts;
}

export function countParts(parts: Uint8Array): { train: number; validation: number; test: number } {
  const counts = [0, 0, 0];
  for (const part of parts) counts[part]!++;
  return { train: counts[0]!, validation: counts[1]!, test: counts[2]! };
}
