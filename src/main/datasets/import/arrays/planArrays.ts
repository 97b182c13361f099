import { nearestName } from '../../../../core/text/nearestName.ts';
import type { ImportChoices } from '../../../../core/contract/datasetImport.ts';
import { partCodes } from '../dealParts.ts';
import { badChoice, placeText, unreadable } from '../importErrors.ts';
import { partOfName } from '../partOfName.ts';
import { rowSizeOf, type OpenArrays, type StoredArray } from './storedArray.ts';

/** Samples and targets that belong together: one pair, or one per part. */
export interface ArrayPair {
  x: StoredArray;
  y: StoredArray;
  /** null when the names do not say */
  part: number | null;
}

export interface ArrayPlan {
  pairs: ArrayPair[];
  /** what a user would have to write to choose the same */
  samples: string;
  target: string;
}

const sampleNames = [
  'x',
  'data',
  'images',
  'image',
  'features',
  'feature',
  'inputs',
  'input',
  'samples',
  'imgs',
  'img',
  'arr_0',
];
const targetNames = [
  'y',
  'labels',
  'label',
  'targets',
  'target',
  'classes',
  'class',
  'outputs',
  'output',
  'fine_labels',
  'arr_1',
];

const partWords =
  /(?:^|(?<=[^a-z]))(?:training|train|testing|test|t10k|validation|valid|val|dev|holdout)(?=[^a-z]|$)/gi;

/** The name without the part it speaks of: "x_train" and "x_test" are both "x". */
export function baseName(name: string): string {
  return name
    .replaceAll(partWords, '')
    .replaceAll(/[_./\s-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase();
}

const rank = (names: readonly string[], base: string): number => {
  const place = names.indexOf(base);
  if (place !== -1) return place;
  // "digit_images" is more likely images than anything else
  const word = names.findIndex((name) => name.length > 1 && base.split('_').includes(name));
  return word === -1 ? names.length * 2 : names.length + word;
};

const shapeText = ({ name, type, shape }: StoredArray): string => `"${name}" (${type}, ${shape.join(' x ')})`;

function listOf(arrays: readonly StoredArray[]): string {
  const shown = arrays.slice(0, 12).map(shapeText);
  return arrays.length > 12 ? `${shown.join(', ')} and ${arrays.length - 12} more` : shown.join(', ');
}

/** Arrays of a name, or of a name without its part. */
function named({ arrays, refused }: OpenArrays, wanted: string, file: string): StoredArray[] {
  const exact = arrays.filter(({ name }) => name === wanted);
  if (exact.length > 0) {
    // "x_train" means the x of every part
    if (partOfName(wanted) === null) return exact;
    const all = arrays.filter(({ name }) => baseName(name) === baseName(wanted) && partOfName(name) !== null);
    return all.length > 0 ? all : exact;
  }
  const based = arrays.filter(({ name }) => baseName(name) === baseName(wanted));
  if (based.length > 0) return based;
  const no = refused.find(({ name }) => name === wanted);
  if (no) throw badChoice(`${file}: the array "${wanted}" cannot be used: ${no.why}`);
  const near = nearestName(
    wanted,
    arrays.map(({ name }) => name),
  );
  throw badChoice(
    `${file} has no array "${wanted}"${near ? `; did you mean "${near}"?` : '.'} It has: ${listOf(arrays)}.`,
  );
}

/** Groups of arrays that differ in their part only, likeliest first. */
function groups(
  arrays: readonly StoredArray[],
  names: readonly string[],
  isLikely: (array: StoredArray) => boolean,
): StoredArray[][] {
  const byBase = new Map<string, StoredArray[]>();
  for (const array of arrays) {
    if (!isLikely(array)) continue;
    const base = baseName(array.name);
    byBase.set(base, [...(byBase.get(base) ?? []), array]);
  }
  const size = (group: readonly StoredArray[]): number =>
    group.reduce((sum, a) => sum + (a.shape[0] ?? 0) * rowSizeOf(a), 0);
  return [...byBase]
    .map(([base, group]) => ({ group, rank: rank(names, base), size: size(group) }))
    .toSorted((a, b) => a.rank - b.rank || b.size - a.size)
    .map(({ group }) => group);
}

/** Pairs each array of samples with the array of targets of its part; null when one has no fitting partner. */
function paired(xs: readonly StoredArray[], ys: readonly StoredArray[]): ArrayPair[] | null {
  const pairs: ArrayPair[] = [];
  for (const x of xs) {
    const part = partOfName(x.name);
    const y =
      ys.find((candidate) => candidate !== x && partOfName(candidate.name) === part) ??
      (ys.length === 1 && xs.length === 1 ? ys[0] : undefined);
    if (!y || y === x || y.shape[0] !== x.shape[0]) return null;
    pairs.push({ x, y, part });
  }
  const order = (part: number | null): number => part ?? partCodes.train;
  return pairs.toSorted((a, b) => order(a.part) - order(b.part));
}

/** Finds out which arrays are samples and which are their targets. Throws `badUsage` or `fileUnreadable` naming what there is. */
export function planArrays(open: OpenArrays, choices: ImportChoices, file: string): ArrayPlan {
  const { arrays } = open;
  if (arrays.length === 0) {
    const [first] = open.refused;
    throw unreadable(
      { file },
      first ? `none of its arrays can be used; "${first.name}": ${first.why}` : 'it holds no arrays.',
    );
  }
  const xs =
    choices.samples === undefined
      ? groups(arrays, sampleNames, (a) => a.kind !== 'text')
      : [named(open, choices.samples, file)];
  const ys =
    choices.target === undefined
      ? groups(arrays, targetNames, (a) => a.shape.length === 1 || (a.kind !== 'text' && a.shape.length === 2))
      : [named(open, choices.target, file)];
  for (const x of xs) {
    for (const y of ys) {
      const isSame = x.some((array) => y.includes(array));
      const pairs = isSame ? null : paired(x, y);
      if (!pairs || pairs.length === 0) continue;
      const [first] = pairs;
      checkPair(first!);
      for (const pair of pairs) checkAlike(first!, pair);
      return { pairs, samples: first!.x.name, target: first!.y.name };
    }
  }
  if (choices.samples !== undefined && choices.target !== undefined) {
    const [x, y] = [xs[0]![0]!, ys[0]![0]!];
    throw badChoice(
      `${file}: ${shapeText(x)} and ${shapeText(y)} do not belong together: they have different numbers of rows.`,
    );
  }
  throw badChoice(
    `${file} holds no pair of samples and targets with the same number of rows. It has: ${listOf(arrays)}. Choose the samples and the target.`,
  );
}

function checkPair({ x, y }: ArrayPair): void {
  if (x.kind === 'text') throw badChoice(`${placeText(x.place)}: "${x.name}" is text, and samples must be numbers.`);
  if (y.kind === 'text' && rowSizeOf(y) !== 1)
    throw badChoice(`${placeText(y.place)}: "${y.name}" holds several texts per row.`);
}

function checkAlike(first: ArrayPair, { x, y }: ArrayPair): void {
  const isAlike = (a: StoredArray, b: StoredArray): boolean =>
    a.kind === b.kind && a.shape.slice(1).join() === b.shape.slice(1).join();
  for (const [a, b] of [
    [first.x, x],
    [first.y, y],
  ] as const) {
    if (!isAlike(a, b))
      throw unreadable(
        b.place,
        `${shapeText(b)} does not fit ${shapeText(a)}: samples of all parts must have one shape.`,
      );
  }
}
