import type {
  ImageChoices,
  ImportChoices,
  ImportSplit,
  ImportWarning,
} from '../../../../core/contract/datasetImport.ts';
import { AppError } from '../../../../core/errors.ts';
import type { ImageFacts, SampleImage } from '../../../../node/images/decodeImage.ts';
import { ImageProblem } from '../../../../node/images/imageProblem.ts';
import { badChoice, placeText, unreadable } from '../importErrors.ts';
import type { ImageSet } from './imageSet.ts';

/** Images whose header is looked at before an import. */
const lookedAt = 256;
/** Images of one size up to this side keep it. */
const mostOwnSide = 256;
const usualSides = [224, 128, 96, 64, 32];
/** Decoded images of more bytes are used from where they lie. */
const linkFromBytes = 8 * 2 ** 30;
const defaultTestFraction = 0.2;
const sizesShown = 30;

export type CompleteImageChoices = ImportChoices & { split: ImportSplit; images: ImageChoices };

export interface ImagePlan {
  choices: CompleteImageChoices;
  sample: SampleImage;
  /** sizes of the images that were looked at, the most common first */
  sizes: { width: number; height: number; count: number }[];
  /** images that were looked at, spread over all */
  looked: number;
  warnings: ImportWarning[];
}

/** Rows spread evenly over all. */
export function spreadRows(rows: number, count: number): number[] {
  const taken = Math.min(rows, count);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * rows) / taken));
}

interface Look {
  facts: { row: number; facts: ImageFacts }[];
  bad: { row: number; why: string }[];
}

async function look(set: ImageSet): Promise<Look> {
  const found: Look = { facts: [], bad: [] };
  const rows = spreadRows(set.rows, lookedAt);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < rows.length) {
      const row = rows[next++]!;
      try {
        found.facts.push({ row, facts: await set.facts(row) });
      } catch (error) {
        if (!(error instanceof ImageProblem) && !(error instanceof AppError)) throw error;
        found.bad.push({ row, why: error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  found.facts.sort((a, b) => a.row - b.row);
  found.bad.sort((a, b) => a.row - b.row);
  return found;
}

function countSizes(facts: readonly ImageFacts[]): ImagePlan['sizes'] {
  const counts = new Map<string, { width: number; height: number; count: number }>();
  for (const { width, height } of facts) {
    const key = `${width} x ${height}`;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { width, height, count: 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}

/** The size that all images have, if it is small; else a square that most of them fill. */
function guessSize(sizes: ImagePlan['sizes']): { width: number; height: number } {
  const [first] = sizes;
  if (sizes.length === 1 && first!.width <= mostOwnSide && first!.height <= mostOwnSide) return first!;
  const sides = sizes.flatMap(({ width, height, count }) => Array<number>(count).fill(Math.min(width, height)));
  const median = sides.toSorted((a, b) => a - b)[Math.floor(sides.length / 2)]!;
  const side = usualSides.find((usual) => usual <= median) ?? median;
  return { width: side, height: side };
}

/** How the images are dealt into parts. */
function planSplit(set: ImageSet, { split, testFraction }: ImportChoices): ImportSplit {
  if (split?.kind === 'column' || split?.kind === 'group') {
    throw badChoice('Images have no columns to split by: choose random, stratified or fixed.');
  }
  if (split?.kind === 'fixed' && !set.fixedParts) {
    throw badChoice(
      `${set.files[0]}: no folder or file is named as a test or validation part, so the split cannot be fixed.`,
    );
  }
  if (split) return split;
  if (set.fixedParts && testFraction === undefined) return { kind: 'fixed', test: 0, validation: 0, seed: 0 };
  return { kind: 'stratified', test: testFraction ?? defaultTestFraction, validation: 0, seed: 0 };
}

/** Looks at some images and completes the choices. Throws `fileUnreadable` where none can be read, `badUsage`. */
export async function planImages(set: ImageSet, given: ImportChoices): Promise<ImagePlan> {
  const { facts, bad } = await look(set);
  if (facts.length === 0) {
    const [first] = bad;
    throw unreadable(set.placeOf(first!.row), `${first!.why}; none of the images that were looked at can be read.`);
  }
  const sizes = countSizes(facts.map((each) => each.facts));
  const wanted = given.images ?? {};
  const size = guessSize(sizes);
  const { width = size.width, height = size.height, fit = 'crop', onCorrupt = 'skip' } = wanted;
  const channels = wanted.channels ?? (facts.every((each) => each.facts.channels === 1) ? 1 : 3);
  const link = wanted.link ?? (set.link !== null && set.rows * width * height * channels > linkFromBytes);
  if (link && !set.link) {
    throw badChoice(
      `${set.files[0]}: only images that lie in one folder of this machine can stay where they are; out of archives, and those that were sent by a browser, have to be copied.`,
    );
  }
  if (bad.length > 0 && onCorrupt === 'stop') throw unreadable(set.placeOf(bad[0]!.row), `${bad[0]!.why}.`);
  const warnings: ImportWarning[] = [...set.warnings];
  const others = sizes.filter((each) => each.width !== width || each.height !== height);
  if (others.length > 0) warnings.push({ kind: 'resized', message: sizeSentence(sizes, { width, height, fit }) });
  if (bad.length > 0) {
    warnings.push({
      kind: 'skippedFile',
      message: `Of ${(facts.length + bad.length).toLocaleString('en')} images that were looked at ${bad.length} cannot be read and would be left out: ${placeText(set.placeOf(bad[0]!.row))}: ${bad[0]!.why}.`,
    });
  }
  return {
    choices: {
      ...given,
      task: 'classes',
      normalize: given.normalize ?? 'standardize',
      ...(set.targets.length > 0 ? { target: set.targets[0]! } : {}),
      split: planSplit(set, given),
      images: { width, height, channels, fit, onCorrupt, link },
    },
    sample: { width, height, channels, fit },
    sizes: sizes.slice(0, sizesShown),
    looked: facts.length + bad.length,
    warnings,
  };
}

const fitWords = { crop: 'cut at the edges', stretch: 'stretched', pad: 'padded with black' } as const;

function sizeSentence(sizes: ImagePlan['sizes'], { width, height, fit }: Omit<SampleImage, 'channels'>): string {
  const sides = sizes.map((size) => `${size.width} x ${size.height}`);
  const areas = sizes.toSorted((a, b) => a.width * a.height - b.width * b.height);
  const [least, most] = [areas[0]!, areas.at(-1)!];
  const have =
    sizes.length === 1
      ? `The images have ${sides[0]} pixels`
      : `The images have ${sizes.length} different sizes, from ${least.width} x ${least.height} to ${most.width} x ${most.height} pixels`;
  return `${have}; each is fitted to ${width} x ${height} (${fitWords[fit]}).`;
}
