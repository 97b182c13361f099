import type { ImportWarning } from '../../../../core/contract/datasetImport.ts';
import { unreadable } from '../importErrors.ts';
import { tableParts } from './tableParts.ts';
import { noTestPart, partCodes } from '../dealParts.ts';
import type { ImportedFacts } from '../write/datasetWriter.ts';
import { DatasetWriter } from '../write/datasetWriter.ts';
import { createDuplicateFinder } from '../duplicates.ts';
import { classWarnings } from '../classWarnings.ts';
import { fitFeatures, type FittedFeature } from './fitFeatures.ts';
import { featureValues } from './featureValues.ts';
import { tableBlocks, type StoredTable } from './storedTable.ts';
import { typeOf } from './columnFacts.ts';
import { leakWarnings } from './leakWarnings.ts';
import { noText } from './tableColumn.ts';
import type { TablePlan } from './tablePlan.ts';

export interface EncodedTable {
  writer: DatasetWriter;
  facts: ImportedFacts;
  parts: Uint8Array | null;
  warnings: ImportWarning[];
}

/** Target of every row of the table; NaN where it has none. */
function readTargets(table: StoredTable, plan: TablePlan): Float64Array {
  const targets = new Float64Array(table.rows);
  for (const block of tableBlocks(table)) {
    const { values, codes } = block.column(plan.target);
    for (let i = 0; i < block.rows; i++) {
      const code = codes === null ? noText : codes[i]!;
      let target = values[i]!;
      if (plan.classes) {
        const label = code === noText ? plan.classes.byNumber.get(target) : plan.classes.byText[code];
        target = label ?? Number.NaN;
      }
      targets[block.firstRow + i] = target;
    }
  }
  return targets;
}

/** Which rows stay: those with a target and, when the plan drops rows, without a missing feature. */
function keepRows(table: StoredTable, plan: TablePlan, targets: Float64Array): Uint8Array {
  const kept = new Uint8Array(targets.length);
  for (let row = 0; row < targets.length; row++) kept[row] = Number.isNaN(targets[row]!) ? 0 : 1;
  if (plan.missing !== 'dropRow') return kept;
  for (const block of tableBlocks(table)) {
    for (const feature of plan.features) {
      const { values, codes } = block.column(feature.column);
      for (let i = 0; i < block.rows; i++) {
        const isMissing = Number.isNaN(values[i]!) && (codes === null || codes[i] === noText);
        if (isMissing) kept[block.firstRow + i] = 0;
      }
    }
  }
  return kept;
}

function refuseMissing(table: StoredTable, plan: TablePlan): void {
  if (plan.missing !== 'refuse') return;
  for (const { column: index } of plan.features) {
    const { name, firstMissing, firstInfinite } = table.columns[index]!;
    const row = firstMissing ?? firstInfinite;
    if (row === null) continue;
    const what = firstMissing === null ? 'an infinite value' : 'no value';
    throw unreadable({ file: table.file, row, column: name }, `there is ${what} here, and missing values are refused.`);
  }
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

function cellWarnings(table: StoredTable, plan: TablePlan, kept: number): ImportWarning[] {
  const warnings: ImportWarning[] = [];
  const ways = {
    mean: 'counted as the mean of the training rows',
    zero: 'counted as 0',
    dropRow: 'left out with the whole row',
    refuse: '',
  };
  for (const { column: index, encoding } of plan.features) {
    const { name, missing, infinite, firstInfinite, maximum, minimum, isInteger } = table.columns[index]!;
    const way = encoding === 'oneHot' && plan.missing !== 'dropRow' ? 'counted as zeros' : ways[plan.missing];
    if (missing > 0) {
      const message = `Column "${name}" has no value in ${counted(missing, 'row')}; ${missing === 1 ? 'it is' : 'they are'} ${way}.`;
      warnings.push({ kind: 'missingValues', message });
    }
    if (infinite > 0) {
      const message = `Column "${name}" has ${counted(infinite, 'infinite value')}, the first in row ${firstInfinite}; ${infinite === 1 ? 'it is' : 'they are'} ${way}.`;
      warnings.push({ kind: 'infiniteValues', message });
    }
    if (encoding === 'numeric' && isInteger && Math.max(maximum, -minimum) > 2 ** 24) {
      const message = `Column "${name}" has whole numbers above 16,777,216, which are rounded to float32.`;
      warnings.push({ kind: 'precision', message });
    }
  }
  const dropped = table.rows - kept;
  if (dropped > 0) {
    const why = plan.missing === 'dropRow' ? 'a value is missing there' : 'there is no target';
    warnings.push({ kind: 'droppedRows', message: `${counted(dropped, 'row')} left out: ${why}.` });
  }
  return warnings;
}

function isBytes(table: StoredTable, plan: TablePlan): boolean {
  return plan.features.every(({ column: index, encoding }) => {
    const column = table.columns[index]!;
    const isWhole = typeOf(column) === 'integer' && column.missing + column.infinite === 0;
    return encoding === 'numeric' && isWhole && column.minimum >= 0 && column.maximum <= 255;
  });
}

/** Only classes that rows were kept of, so that every class has a sample. */
function usedClasses(plan: TablePlan, targets: Float64Array, kept: Uint8Array): string[] {
  if (!plan.classes) return [];
  const places = new Int32Array(plan.classes.names.length).fill(-1);
  for (let row = 0; row < targets.length; row++) if (kept[row]) places[targets[row]!] = 0;
  let next = 0;
  places.forEach((place, i) => {
    if (place === 0) places[i] = next++;
  });
  for (let row = 0; row < targets.length; row++) if (kept[row]) targets[row] = places[targets[row]!]!;
  return plan.classes.names.filter((_, i) => places[i] !== -1);
}

/**
 * Turns a table into x and y as planned: two passes over the kept rows, one to fit what is fitted on training rows and
 * one to write. `fixedParts`: part of every row, by the file it came from.
 */
export function encodeTable(
  table: StoredTable,
  plan: TablePlan,
  fixedParts: Uint8Array | null,
  dir: string,
  onRows: (rows: number) => void,
): EncodedTable {
  refuseMissing(table, plan);
  const targets = readTargets(table, plan);
  const kept = keepRows(table, plan, targets);
  const rows = kept.reduce((count, is) => count + is, 0);
  if (rows === 0) throw unreadable({ file: table.file }, 'no row is left: every row lacks a value that is needed.');
  const classes = usedClasses(plan, targets, kept);
  const y = plan.task === 'classes' ? new Int32Array(rows) : new Float32Array(rows);
  let at = 0;
  for (let row = 0; row < table.rows; row++) {
    if (!kept[row]) continue;
    y[at] = targets[row]!;
    at++;
  }
  const parts = tableParts(table, plan, { kept, rows, fixedParts, y: y instanceof Int32Array ? y : null });
  const fitted = fitFeatures(table, plan, kept, parts);
  const asBytes = isBytes(table, plan);
  const features = plan.features.flatMap(({ names }) => names);
  const warnings = [
    ...plan.warnings,
    ...leakWarnings(table, plan),
    ...cellWarnings(table, plan, rows),
    ...classWarnings(classes, y, plan.task),
    ...(parts.includes(partCodes.test) ? [] : [noTestPart()]),
  ];
  const writer = new DatasetWriter(dir, asBytes ? 'uint8' : 'float32', plan.task);
  try {
    writer.appendTargets(y);
    const duplicates = createDuplicateFinder(rows);
    writeSamples(table, plan, fitted, kept, features.length, asBytes, (samples, first, count) => {
      writer.appendSamples(samples, count);
      duplicates.add(samples, features.length, parts.subarray(first, first + count));
      onRows(first + count);
    });
    warnings.push(...duplicates.warnings());
  } catch (error) {
    writer.close();
    throw error;
  }
  const normalization =
    plan.normalize === 'none'
      ? {}
      : {
          normalization: {
            mean: fitted.flatMap(({ shift, width }) => Array.from({ length: width }, () => shift)),
            deviation: fitted.flatMap(({ deviation, width }) => Array.from({ length: width }, () => deviation)),
          },
        };
  return {
    writer,
    facts: {
      task: plan.task,
      shape: [features.length],
      scale: 1,
      offset: 0,
      classes,
      features,
      ...normalization,
    },
    parts: parts.some((part) => part !== partCodes.train) ? parts : null,
    warnings,
  };
}

function writeSamples(
  table: StoredTable,
  plan: TablePlan,
  fitted: readonly FittedFeature[],
  kept: Uint8Array,
  width: number,
  asBytes: boolean,
  write: (samples: Uint8Array | Float32Array, first: number, count: number) => void,
): void {
  let first = 0;
  for (const block of tableBlocks(table)) {
    const mask = kept.subarray(block.firstRow, block.firstRow + block.rows);
    const count = mask.reduce((sum, is) => sum + is, 0);
    const samples = asBytes ? new Uint8Array(count * width) : new Float32Array(count * width);
    let offset = 0;
    plan.features.forEach((feature, i) => {
      const numbers = featureValues(feature, block.column(feature.column));
      const { fill, width: own } = fitted[i]!;
      const into = samples.subarray(offset);
      if (feature.encoding === 'oneHot') spreadOneHot(numbers, mask, into, width);
      else spreadNumbers(numbers, mask, into, { width, fill });
      offset += own;
    });
    write(samples, first, count);
    first += count;
  }
}

/** Each kept number at its place in the samples of `width` numbers, and `fill` where there is none. */
function spreadNumbers(
  numbers: Float64Array,
  mask: Uint8Array,
  samples: Uint8Array | Float32Array,
  { width, fill }: { width: number; fill: number },
): void {
  for (let row = 0, at = 0; row < numbers.length; row++) {
    if (mask[row] === 0) continue;
    const value = numbers[row]!;
    samples[at] = value === value ? value : fill;
    at += width;
  }
}

/** A one at the place of each kept category. */
function spreadOneHot(
  numbers: Float64Array,
  mask: Uint8Array,
  samples: Uint8Array | Float32Array,
  width: number,
): void {
  for (let row = 0, at = 0; row < numbers.length; row++) {
    if (mask[row] === 0) continue;
    const place = numbers[row]!;
    if (place === place) samples[at + place] = 1;
    at += width;
  }
}
