import { stat } from 'node:fs/promises';
import type { ImportChoices, ImportWarning, Inspection } from '../../../../core/contract/datasetImport.ts';
import { classWarnings, countClasses } from '../classWarnings.ts';
import { dealParts, noTestPart, partCodes } from '../dealParts.ts';
import { createDuplicateFinder } from '../duplicates.ts';
import { placeText, unreadable } from '../importErrors.ts';
import type { ImportContext, ImportSource, WrittenNumbers } from '../importSource.ts';
import { DatasetWriter } from '../write/datasetWriter.ts';
import { ChannelStatistics } from './channelStatistics.ts';
import { planImages, spreadRows, type ImagePlan } from './imagePlan.ts';
import type { ImageSet } from './imageSet.ts';
import { sampleImages } from './sampleImages.ts';

const namedFailures = 5;
/** Linked images that are decoded: the normalisation is fitted on those of the training part. */
const triedImages = 2_048;

/** Images of any origin as a dataset: bytes [height, width, channels], a class each. */
export function createImageSource(set: ImageSet): ImportSource {
  return {
    kind: 'images',
    format: set.format,
    files: set.files,
    async inspect(given): Promise<Inspection> {
      const plan = await planImages(set, given);
      const counts = countClasses(set.classes.length, set.labels);
      return {
        format: set.format,
        kind: 'images',
        files: set.files,
        rows: set.rows,
        isPartial: plan.looked < set.rows,
        columns: [],
        arrays: set.targets.map((name) => ({ name, type: 'labels', shape: [set.rows] })),
        sheets: [],
        classes: set.classes.map((name, i) => ({ name, count: counts[i]! })),
        preview: [],
        images: { samples: await sampleImages(set, plan.sample), sizes: plan.sizes, canLink: set.link !== null },
        guess: plan.choices,
        warnings: [...plan.warnings, ...classWarnings(set.classes, set.labels, 'classes')],
      };
    },
    async write(given: ImportChoices, context: ImportContext): Promise<WrittenNumbers> {
      const plan = await planImages(set, given);
      return plan.choices.images.link ? writeLinks(set, plan, context) : writePixels(set, plan, context);
    },
  };
}

function partsOf(set: ImageSet, { choices }: ImagePlan): Uint8Array {
  if (choices.split.kind === 'fixed') return set.fixedParts!;
  return dealParts(choices.split, set.rows, choices.split.kind === 'stratified' ? set.labels : null);
}

async function writePixels(set: ImageSet, plan: ImagePlan, context: ImportContext): Promise<WrittenNumbers> {
  const { sample, choices } = plan;
  const size = sample.width * sample.height * sample.channels;
  const parts = partsOf(set, plan);
  const statistics = new ChannelStatistics(sample.channels);
  const duplicates = createDuplicateFinder(set.rows);
  const failures: { row: number; why: string }[] = [];
  const kept = new Uint8Array(set.rows);
  const writer = new DatasetWriter(context.datasetDir, 'uint8', 'classes');
  try {
    let done = 0;
    for await (const { rows, pixels, failed } of set.decodeAll(sample)) {
      if (failed.length > 0 && choices.images.onCorrupt === 'stop') {
        throw unreadable(
          set.placeOf(failed[0]!.row),
          `${failed[0]!.why}. Choose that images which cannot be read are left out, or remove it.`,
        );
      }
      failures.push(...failed);
      writer.appendSamples(pixels, rows.length);
      for (const [i, row] of rows.entries()) {
        kept[row] = 1;
        if (parts[row] === partCodes.train) statistics.add(pixels, i * size, size);
      }
      duplicates.add(
        pixels,
        size,
        Uint8Array.from(rows, (row) => parts[row]!),
      );
      done += rows.length + failed.length;
      context.onProgress('writing', done / set.rows, done);
    }
    const rows = set.rows - failures.length;
    if (rows === 0) {
      const [first] = failures;
      throw unreadable(set.placeOf(first!.row), `${first!.why}; no image can be read.`);
    }
    const isKept = (_: unknown, row: number): boolean => kept[row] === 1;
    const { labels, classes } = failures.length === 0 ? set : keptClasses(set.labels.filter(isKept), set.classes);
    writer.appendTargets(labels);
    const keptParts = parts.filter(isKept);
    return {
      ...finished(plan, { writer, classes, parts: keptParts, statistics }),
      warnings: [
        ...plan.warnings.filter(({ kind }) => kind !== 'skippedFile'),
        ...failureWarnings(set, failures),
        ...classWarnings(classes, labels, 'classes'),
        ...(keptParts.includes(partCodes.test) ? [] : [noTestPart()]),
        ...duplicates.warnings(),
      ],
    };
  } catch (error) {
    writer.close();
    throw error;
  }
}

/** Decodes some images, to fit the normalisation on those that are for training, and to find those that cannot be read. */
async function tryLinked(
  set: ImageSet,
  { sample, choices }: ImagePlan,
  parts: Uint8Array,
  context: ImportContext,
): Promise<{ statistics: ChannelStatistics; failures: { row: number; why: string }[] }> {
  const statistics = new ChannelStatistics(sample.channels);
  const failures: { row: number; why: string }[] = [];
  const tried = spreadRows(set.rows, triedImages);
  for (const [i, row] of tried.entries()) {
    try {
      const pixels = await set.decode(row, sample);
      if (parts[row] === partCodes.train) statistics.add(pixels, 0, pixels.length);
    } catch (error) {
      failures.push({ row, why: (error as Error).message });
      if (choices.images.onCorrupt === 'stop' || failures.length > tried.length / 2) {
        throw unreadable(set.placeOf(row), `${(error as Error).message}.`, error);
      }
    }
    context.onProgress('reading', i / tried.length, i);
  }
  return { statistics, failures };
}

/** Writes where images lie instead of their pixels. */
async function writeLinks(set: ImageSet, plan: ImagePlan, context: ImportContext): Promise<WrittenNumbers> {
  const { root, pathOf } = set.link!;
  const { sample } = plan;
  const parts = partsOf(set, plan);
  const { statistics, failures } = await tryLinked(set, plan, parts, context);
  const bad = new Set(failures.map(({ row }) => row));
  const isKept = (_: unknown, row: number): boolean => !bad.has(row);
  const writer = new DatasetWriter(context.datasetDir, 'uint8', 'classes', { root, fit: sample.fit });
  try {
    for (let row = 0; row < set.rows; row++) {
      if (bad.has(row)) continue;
      const file = pathOf(row);
      if (file.includes(10)) throw unreadable(set.placeOf(row), 'its name holds a line break, so it cannot be linked.');
      writer.appendLink((await stat(set.placeOf(row).file)).size, file);
      context.onProgress('writing', row / set.rows, row);
    }
    const { labels, classes } = bad.size === 0 ? set : keptClasses(set.labels.filter(isKept), set.classes);
    const keptParts = parts.filter(isKept);
    writer.appendTargets(labels);
    const isAllTried = set.rows <= triedImages;
    return {
      ...finished(plan, { writer, classes, parts: keptParts, statistics }),
      warnings: [
        ...plan.warnings.filter(({ kind }) => kind !== 'skippedFile'),
        ...failureWarnings(set, failures),
        {
          kind: 'ignored',
          message: `The images stay in ${root}, where training reads them: do not move or change them. Their normalisation is fitted on ${statistics.images.toLocaleString('en')} of them.`,
        },
        ...(isAllTried
          ? []
          : [
              {
                kind: 'ignored',
                message: `${triedImages.toLocaleString('en')} of the ${set.rows.toLocaleString('en')} images were decoded; a run that meets another that cannot be read stops and names it.`,
              } as const,
            ]),
        ...classWarnings(classes, labels, 'classes'),
        ...(keptParts.includes(partCodes.test) ? [] : [noTestPart()]),
      ],
    };
  } catch (error) {
    writer.close();
    throw error;
  }
}

interface Finished {
  writer: DatasetWriter;
  classes: string[];
  parts: Uint8Array;
  statistics: ChannelStatistics;
}

function finished(
  { sample, choices }: ImagePlan,
  { writer, classes, parts, statistics }: Finished,
): Omit<WrittenNumbers, 'warnings'> {
  const scale = 1 / 255;
  const normalization = statistics.normalization(choices.normalize ?? 'standardize', scale);
  return {
    writer,
    facts: {
      task: 'classes',
      shape: [sample.height, sample.width, sample.channels],
      scale,
      offset: 0,
      classes,
      ...(normalization ? { normalization } : {}),
    },
    targetSize: 1,
    parts: parts.some((part) => part !== partCodes.train) ? parts : null,
    choices,
  };
}

/** Classes of which no image is left are no classes. */
function keptClasses(labels: Int32Array, classes: readonly string[]): { labels: Int32Array; classes: string[] } {
  const counts = countClasses(classes.length, labels);
  if (counts.every((count) => count > 0)) return { labels, classes: [...classes] };
  let next = 0;
  const places = counts.map((count) => (count > 0 ? next++ : -1));
  return { labels: labels.map((label) => places[label]!), classes: classes.filter((_, i) => places[i] !== -1) };
}

function failureWarnings(set: ImageSet, failures: readonly { row: number; why: string }[]): ImportWarning[] {
  if (failures.length === 0) return [];
  const named = failures
    .slice(0, namedFailures)
    .map(({ row, why }) => `${placeText(set.placeOf(row))}: ${why}`)
    .join('; ');
  const more =
    failures.length > namedFailures ? `; and ${(failures.length - namedFailures).toLocaleString('en')} more` : '';
  const what =
    failures.length === 1
      ? 'One image is left out because it cannot be read'
      : `${failures.length.toLocaleString('en')} images are left out because they cannot be read`;
  return [{ kind: 'skippedFile', message: `${what}: ${named}${more}.` }];
}
