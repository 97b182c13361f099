import type { ImportWarning } from '../../../../core/contract/datasetImport.ts';
import type { Task } from '../../../../core/contract/datasets.ts';
import { badChoice, placeText, unreadable } from '../importErrors.ts';
import type { ArrayPair } from './planArrays.ts';
import { rowSizeOf, type StoredArray } from './storedArray.ts';

/** The targets of all rows, pair after pair. */
export interface ArrayTargets {
  task: Task;
  /** in index order; empty for regression */
  classes: string[];
  /** class indices, or targets; of a row without a target -1 or NaN */
  y: Int32Array | Float32Array;
  /** numbers per row */
  size: number;
  warnings: ImportWarning[];
}

const maxClasses = 10_000;
const fewValues = 20;
const manyClasses = 1_000;
const rowsPerRead = 65_536;

async function readText(pairs: readonly ArrayPair[]): Promise<string[]> {
  const texts: string[] = [];
  for (const { y } of pairs) {
    for (let first = 0; first < y.shape[0]!; first += rowsPerRead) {
      for (const text of await y.texts(first, Math.min(rowsPerRead, y.shape[0]! - first))) texts.push(text);
    }
  }
  return texts;
}

async function readNumbers(pairs: readonly ArrayPair[]): Promise<Float64Array> {
  const rows = pairs.reduce((sum, { y }) => sum + y.shape[0]!, 0);
  const size = rowSizeOf(pairs[0]!.y);
  const numbers = new Float64Array(rows * size);
  let at = 0;
  for (const { y } of pairs) {
    for (let first = 0; first < y.shape[0]!; first += rowsPerRead) {
      const piece = await y.rows(first, Math.min(rowsPerRead, y.shape[0]! - first));
      numbers.set(piece, at);
      at += piece.length;
    }
  }
  return numbers;
}

/** Index of the 1 in every row of zeros and one 1; null when a row is otherwise. */
function fromOneHot(numbers: Float64Array, size: number): Float64Array | null {
  const labels = new Float64Array(numbers.length / size).fill(-1);
  for (let row = 0; row < labels.length; row++) {
    for (let i = 0; i < size; i++) {
      const value = numbers[row * size + i]!;
      if (value === 0) continue;
      if (value !== 1 || labels[row] !== -1) return null;
      labels[row] = i;
    }
    if (labels[row] === -1) return null;
  }
  return labels;
}

function guessTask(array: StoredArray, numbers: Float64Array): Task {
  const values = new Set<number>();
  const most = array.kind === 'integer' ? manyClasses : fewValues;
  for (const value of numbers) {
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value)) return 'regression';
    values.add(value);
    if (values.size > most) return 'regression';
  }
  return values.size * 2 <= numbers.length ? 'classes' : 'regression';
}

function tooManyClasses({ place, name }: StoredArray): Error {
  return badChoice(
    `${placeText(place)}: "${name}" has more than ${maxClasses.toLocaleString('en')} different values, too many to be classes. Choose another target, or the task regression.`,
  );
}

function classesOfText(array: StoredArray, texts: readonly string[]): ArrayTargets {
  const names = [...new Set(texts.filter((text) => text !== ''))].toSorted();
  if (names.length > maxClasses) throw tooManyClasses(array);
  const places = new Map(names.map((name, i) => [name, i]));
  const y = Int32Array.from(texts, (text) => places.get(text) ?? -1);
  return { task: 'classes', classes: names, y, size: 1, warnings: [] };
}

function classesOfNumbers(array: StoredArray, numbers: Float64Array): ArrayTargets {
  const values = new Set<number>();
  for (const value of numbers) {
    if (Number.isFinite(value)) values.add(value);
    if (values.size > maxClasses) throw tooManyClasses(array);
  }
  const sorted = [...values].toSorted((a, b) => a - b);
  const places = new Map(sorted.map((value, i) => [value, i]));
  const names = array.isBoolean ? sorted.map((value) => (value === 0 ? 'False' : 'True')) : sorted.map(String);
  const y = Int32Array.from(numbers, (value) => places.get(value) ?? -1);
  return { task: 'classes', classes: names, y, size: 1, warnings: [] };
}

/** Reads the targets of all pairs and finds out whether they are classes. Throws `fileUnreadable` or `badUsage`. */
export async function readTargets(pairs: readonly ArrayPair[], wanted: Task | undefined): Promise<ArrayTargets> {
  const array = pairs[0]!.y;
  if (array.kind === 'text') {
    if (wanted === 'regression') {
      const [first = ''] = await array.texts(0, 1);
      throw unreadable(
        { ...array.place, row: 1 },
        `the target of a regression must be a number, not "${first.slice(0, 80)}". Choose classes as the task.`,
      );
    }
    return classesOfText(array, await readText(pairs));
  }
  let numbers = await readNumbers(pairs);
  let size = rowSizeOf(array);
  if (size > 1 && wanted !== 'regression') {
    const labels = fromOneHot(numbers, size);
    if (labels) {
      numbers = labels;
      size = 1;
    } else if (wanted === 'classes') {
      throw badChoice(
        `${placeText(array.place)}: "${array.name}" has ${size} numbers per row that are not one-hot, so they cannot be classes. Choose regression as the task.`,
      );
    }
  }
  const task = wanted ?? (size > 1 ? 'regression' : guessTask(array, numbers));
  if (task === 'classes') return classesOfNumbers(array, numbers);
  return {
    task,
    classes: [],
    y: Float32Array.from(numbers, (value) => (Number.isFinite(Math.fround(value)) ? value : Number.NaN)),
    size,
    warnings: [],
  };
}

/** Whether a row has its whole target. */
export function hasTarget({ y, size, task }: ArrayTargets, row: number): boolean {
  if (task === 'classes') return y[row]! >= 0;
  for (let i = row * size; i < (row + 1) * size; i++) if (Number.isNaN(y[i])) return false;
  return true;
}
