import type { ImportChoices, ImportSplit, ImportWarning, Inspection } from '../../../../core/contract/datasetImport.ts';
import { classWarnings, countClasses } from '../classWarnings.ts';
import { dealParts, noTestPart, partCodes } from '../dealParts.ts';
import { createDuplicateFinder } from '../duplicates.ts';
import { badChoice, unreadable } from '../importErrors.ts';
import type { ImportContext, ImportSource, WrittenNumbers } from '../importSource.ts';
import { importLimits } from '../limits.ts';
import { DatasetWriter } from '../write/datasetWriter.ts';
import { hasTarget, readTargets, type ArrayTargets } from './arrayTargets.ts';
import { StatisticsBuilder, type ArrayStatistics } from './arrayStatistics.ts';
import { planArrays, type ArrayPlan } from './planArrays.ts';
import { channelsLast, sampleShape, type SampleShape } from './sampleShape.ts';
import { rowSizeOf, type Numbers, type OpenArrays } from './storedArray.ts';

const bytesPerRead = 8 * 2 ** 20;
const defaultTestFraction = 0.2;
const previewRows = 20;
const previewNumbers = 64;

interface ChosenArrays {
  plan: ArrayPlan;
  shape: SampleShape;
  targets: ArrayTargets;
  choices: ImportChoices & Required<Pick<ImportChoices, 'split' | 'missing' | 'normalize'>>;
}

function checkSamples({ pairs }: ArrayPlan): void {
  const { x } = pairs[0]!;
  const size = rowSizeOf(x);
  const rows = pairs.reduce((sum, pair) => sum + (pair.x.shape[0] ?? 0), 0);
  if (rows === 0) throw unreadable(x.place, 'it has 0 rows.');
  if (size === 0) throw unreadable(x.place, 'its samples hold no numbers.');
  if (size > importLimits.maxPixels) {
    throw unreadable(
      x.place,
      `each sample has ${size.toLocaleString('en')} numbers; at most ${importLimits.maxPixels.toLocaleString('en')} can be imported.`,
    );
  }
}

async function choose(open: OpenArrays, given: ImportChoices, file: string): Promise<ChosenArrays> {
  const plan = planArrays(open, given, file);
  checkSamples(plan);
  if (given.split?.kind === 'column' || given.split?.kind === 'group') {
    throw badChoice('Arrays have no columns to split by: choose random, stratified or fixed.');
  }
  const targets = await readTargets(plan.pairs, given.task);
  const isFixed = plan.pairs.some(({ part }) => part === partCodes.test || part === partCodes.validation);
  if (given.split?.kind === 'fixed' && !isFixed) {
    throw badChoice(`${file}: no array is named as a test or validation part, so the split cannot be fixed.`);
  }
  const test = given.testFraction ?? defaultTestFraction;
  const dealt: ImportSplit = {
    kind: targets.task === 'classes' ? 'stratified' : 'random',
    test,
    validation: 0,
    seed: 0,
  };
  const fixed: ImportSplit = { kind: 'fixed', test: 0, validation: 0, seed: 0 };
  return {
    plan,
    targets,
    shape: sampleShape(plan.pairs[0]!.x.shape.slice(1)),
    choices: {
      ...given,
      samples: plan.samples,
      target: plan.target,
      task: targets.task,
      missing: given.missing ?? 'mean',
      normalize: given.normalize ?? 'standardize',
      split: given.split ?? (isFixed && given.testFraction === undefined ? fixed : dealt),
    },
  };
}

/** Blocks of rows of all pairs in order; `first` counts over all. */
async function* blocks({ pairs }: ArrayPlan): AsyncGenerator<{ first: number; rows: number; numbers: Numbers }> {
  let before = 0;
  for (const { x } of pairs) {
    const total = x.shape[0]!;
    const perRead = Math.max(1, Math.floor(bytesPerRead / (8 * rowSizeOf(x))));
    for (let first = 0; first < total; first += perRead) {
      const rows = Math.min(perRead, total - first);
      yield { first: before + first, rows, numbers: await x.rows(first, rows) };
    }
    before += total;
  }
}

const rowsOf = ({ pairs }: ArrayPlan): number => pairs.reduce((sum, { x }) => sum + x.shape[0]!, 0);

function isBad(numbers: Numbers, start: number, size: number): boolean {
  if (numbers instanceof Uint8Array) return false;
  for (let i = start; i < start + size; i++) if (!Number.isFinite(Math.fround(numbers[i]!))) return true;
  return false;
}

/** Which rows stay: those with a target, and without a missing number when such rows are dropped. */
async function keepRows({ plan, targets, choices }: ChosenArrays): Promise<Uint8Array> {
  const kept = Uint8Array.from({ length: rowsOf(plan) }, (_, row) => (hasTarget(targets, row) ? 1 : 0));
  if (choices.missing !== 'dropRow') return kept;
  const size = rowSizeOf(plan.pairs[0]!.x);
  for await (const { first, rows, numbers } of blocks(plan)) {
    for (let row = 0; row < rows; row++) if (isBad(numbers, row * size, size)) kept[first + row] = 0;
  }
  return kept;
}

function partsOf(
  { plan, choices, targets }: ChosenArrays,
  kept: Uint8Array,
  labels: Int32Array | null,
  rows: number,
): Uint8Array {
  if (choices.split.kind !== 'fixed') return dealParts(choices.split, rows, labels);
  const parts = new Uint8Array(rows);
  let [row, at] = [0, 0];
  for (const { y, part } of plan.pairs) {
    for (let i = 0; i < y.shape[0]!; i++) if (kept[row++]) parts[at++] = part ?? partCodes.train;
  }
  return targets.y.length === 0 ? new Uint8Array(0) : parts;
}

function valueWarnings(
  { missing, infinite, firstBad }: ArrayStatistics,
  { choices, plan }: ChosenArrays,
): ImportWarning[] {
  const ways = {
    mean: 'counted as the mean of the training rows',
    zero: 'counted as 0',
    dropRow: 'left out with their row',
    refuse: '',
  };
  const where = `the first in row ${(firstBad ?? 0) + 1}; they are ${ways[choices.missing]}`;
  const name = plan.samples;
  return [
    ...(missing > 0
      ? [
          {
            kind: 'missingValues' as const,
            message: `"${name}" has ${missing.toLocaleString('en')} missing values (NaN), ${where}.`,
          },
        ]
      : []),
    ...(infinite > 0
      ? [
          {
            kind: 'infiniteValues' as const,
            message: `"${name}" has ${infinite.toLocaleString('en')} infinite values, ${where}.`,
          },
        ]
      : []),
  ];
}

function rowWarnings(chosen: ChosenArrays, rows: number, statistics: ArrayStatistics): ImportWarning[] {
  const warnings = valueWarnings(statistics, chosen);
  const dropped = rowsOf(chosen.plan) - rows;
  if (dropped > 0) {
    const why =
      chosen.choices.missing === 'dropRow' ? 'a number or the target is missing there' : 'they have no target';
    warnings.push({ kind: 'droppedRows', message: `${dropped.toLocaleString('en')} rows are left out: ${why}.` });
  }
  if (chosen.plan.pairs[0]!.x.kind === 'integer' && Math.max(statistics.largest, -statistics.smallest) > 2 ** 24) {
    warnings.push({
      kind: 'precision',
      message: `"${chosen.plan.samples}" has whole numbers above 16,777,216, which are rounded to float32.`,
    });
  }
  return warnings;
}

/** Classes that rows were kept of, and the targets of those rows. */
function keptTargets(
  { targets }: ChosenArrays,
  kept: Uint8Array,
  rows: number,
): { y: Int32Array | Float32Array; classes: string[] } {
  const { y: all, size, task } = targets;
  const y = task === 'classes' ? new Int32Array(rows) : new Float32Array(rows * size);
  let at = 0;
  kept.forEach((isKept, row) => {
    if (!isKept) return;
    for (let i = 0; i < size; i++) y[at++] = all[row * size + i]!;
  });
  if (task === 'regression') return { y, classes: [] };
  const counts = countClasses(targets.classes.length, y);
  let next = 0;
  const places = counts.map((count) => (count > 0 ? next++ : -1));
  for (let row = 0; row < y.length; row++) y[row] = places[y[row]!]!;
  return { y, classes: targets.classes.filter((_, i) => places[i] !== -1) };
}

async function writeArrays(chosen: ChosenArrays, context: ImportContext): Promise<WrittenNumbers> {
  const { plan, shape, targets, choices } = chosen;
  const { x } = plan.pairs[0]!;
  const size = rowSizeOf(x);
  const kept = await keepRows(chosen);
  const rows = kept.reduce((sum, is) => sum + is, 0);
  if (rows === 0) throw unreadable(x.place, 'no row is left: every row lacks a value that is needed.');
  const { y, classes } = keptTargets(chosen, kept, rows);
  const parts = partsOf(chosen, kept, y instanceof Int32Array ? y : null, rows);
  const channels = shape.isImage ? shape.shape[2]! : size;
  const places = shape.isChannelsFirst ? channelsLast(shape.shape) : null;
  const builder = new StatisticsBuilder(channels);
  const total = rowsOf(plan);
  const turned = new Float64Array(size);
  let at = 0;
  for await (const { first, rows: count, numbers } of blocks(plan)) {
    for (let row = 0; row < count; row++) {
      if (!kept[first + row]) continue;
      const isFitted = parts[at++] === partCodes.train;
      if (places) for (let i = 0; i < size; i++) turned[i] = numbers[row * size + places[i]!]!;
      builder.add(places ? turned : numbers, places ? 0 : row * size, size, first + row, isFitted);
    }
    context.onProgress('reading', (first + count) / total, first + count);
  }
  const statistics = builder.finish();
  if (choices.missing === 'refuse' && statistics.firstBad !== null) {
    throw unreadable(
      { ...x.place, row: statistics.firstBad + 1 },
      'a number is missing or infinite here, and missing values are refused.',
    );
  }
  const asBytes = x.kind === 'integer' && statistics.isWhole && statistics.smallest >= 0 && statistics.largest <= 255;
  const scale = asBytes && shape.isImage && statistics.largest > 1 ? 1 / 255 : 1;
  const writer = new DatasetWriter(context.datasetDir, asBytes ? 'uint8' : 'float32', targets.task);
  try {
    writer.appendTargets(y);
    const duplicates = createDuplicateFinder(rows);
    const fill = statistics.mean;
    at = 0;
    for await (const { first, rows: count, numbers } of blocks(plan)) {
      const samples = asBytes ? new Uint8Array(count * size) : new Float32Array(count * size);
      let used = 0;
      for (let row = 0; row < count; row++) {
        if (!kept[first + row]) continue;
        for (let i = 0, channel = 0; i < size; i++) {
          const value = numbers[row * size + (places ? places[i]! : i)]!;
          samples[used * size + i] = value;
          if (!asBytes && !Number.isFinite(samples[used * size + i]!))
            samples[used * size + i] = choices.missing === 'zero' ? 0 : fill[channel]!;
          if (++channel === channels) channel = 0;
        }
        used++;
      }
      const whole = samples.subarray(0, used * size);
      writer.appendSamples(whole, used);
      duplicates.add(whole, size, parts.subarray(at, at + used));
      at += used;
      context.onProgress('writing', (first + count) / total, first + count);
    }
    return {
      writer,
      facts: {
        task: targets.task,
        shape: shape.shape,
        scale,
        offset: 0,
        classes,
        ...(shape.isImage ? {} : { features: Array.from({ length: size }, (_, i) => `feature ${i + 1}`) }),
        ...normalizationOf(statistics, choices.normalize, scale),
      },
      targetSize: targets.task === 'classes' ? 1 : targets.size,
      parts: parts.some((part) => part !== partCodes.train) ? parts : null,
      warnings: [
        ...targets.warnings,
        ...rowWarnings(chosen, rows, statistics),
        ...classWarnings(classes, y, targets.task),
        ...(parts.includes(partCodes.test) ? [] : [noTestPart()]),
        ...duplicates.warnings(),
      ],
      choices,
    };
  } catch (error) {
    writer.close();
    throw error;
  }
}

/** A model receives (value * scale - mean) / deviation. */
function normalizationOf(
  { mean, deviation, minimum, maximum }: ArrayStatistics,
  kind: NonNullable<ImportChoices['normalize']>,
  scale: number,
): { normalization?: { mean: number[]; deviation: number[] } } {
  if (kind === 'none') return {};
  const isMinMax = kind === 'minMax';
  const shift = Array.from(isMinMax ? minimum : mean, (value) => (Number.isFinite(value) ? value * scale : 0));
  const spread = Array.from(mean, (_, i) => (isMinMax ? maximum[i]! - minimum[i]! : deviation[i]!) * scale);
  return {
    normalization: { mean: shift, deviation: spread.map((value) => (Number.isFinite(value) && value > 0 ? value : 1)) },
  };
}

async function preview({ plan, targets }: ChosenArrays): Promise<string[][]> {
  const { x } = plan.pairs[0]!;
  const size = rowSizeOf(x);
  const count = Math.min(previewRows, x.shape[0]!);
  const numbers = await x.rows(0, count);
  return Array.from({ length: count }, (_, row) => {
    const shown = Array.from(numbers.subarray(row * size, row * size + Math.min(size, previewNumbers)), (value) =>
      String(Number(value.toPrecision(7))),
    );
    const target = targets.y[row * targets.size]!;
    return [...shown, targets.task === 'classes' ? (targets.classes[target] ?? '') : String(target)];
  });
}

/** Arrays of samples and targets, whatever file they come from. */
export function createArraySource(open: OpenArrays, files: string[]): ImportSource {
  const file = files.length === 1 ? files[0]! : `${files[0]!} and ${files.length - 1} more`;
  return {
    kind: 'arrays',
    format: open.format,
    files,
    async inspect(given, context): Promise<Inspection> {
      try {
        const chosen = await choose(open, given, file);
        const { plan, targets, choices, shape } = chosen;
        const counts = targets.task === 'classes' ? countClasses(targets.classes.length, targets.y) : [];
        context.onProgress('reading', 1, rowsOf(plan));
        const warnings = [...targets.warnings, ...classWarnings(targets.classes, targets.y, targets.task)];
        return {
          format: `${open.format}, ${shape.isImage ? 'images' : 'features'} ${shape.shape.join(' x ')}`,
          kind: 'arrays',
          files,
          rows: rowsOf(plan),
          isPartial: true,
          columns: [],
          arrays: open.arrays.map(({ name, type, shape: size }) => ({ name, type, shape: [...size] })),
          sheets: [],
          classes: targets.classes.map((name, i) => ({ name, count: counts[i]! })),
          preview: await preview(chosen),
          guess: choices,
          warnings,
        };
      } finally {
        await open.close();
      }
    },
    async write(given, context): Promise<WrittenNumbers> {
      try {
        return await writeArrays(await choose(open, given, file), context);
      } finally {
        await open.close();
      }
    },
  };
}
