import { partCodes } from './dealParts.ts';

const patterns: readonly (readonly [RegExp, number])[] = [
  [/(?:^|[^a-z])(?:validation|valid|val|dev)(?:[^a-z]|$)/i, partCodes.validation],
  [/(?:^|[^a-z])(?:test|testing|t10k|holdout)(?:[^a-z]|$)/i, partCodes.test],
  [/(?:^|[^a-z])(?:train|training)(?:[^a-z]|$)/i, partCodes.train],
];

/** The part that the name of a file, folder or array speaks of: "x_test", "t10k-images"; null when it speaks of none. */
export function partOfName(name: string): number | null {
  return patterns.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
