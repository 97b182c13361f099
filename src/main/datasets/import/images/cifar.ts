import { stat } from 'node:fs/promises';
import { fitPixels } from '../../../../node/images/decodeImage.ts';
import { wholeFile } from '../files/fileBytes.ts';
import type { FoundFiles, ImportFile } from '../files/importFile.ts';
import { badChoice, placeText, unknownFormat, unreadable } from '../importErrors.ts';
import type { OpenSource } from '../importSource.ts';
import { partOfName } from '../partOfName.ts';
import { partCodes } from '../dealParts.ts';
import { cifarBatchOf, cifarNamesOf } from '../pickle/cifarPickle.ts';
import { unpickle } from '../pickle/unpickle.ts';
import type { DecodedImages, ImageSet } from './imageSet.ts';
import { createImageSource } from './imageSource.ts';

const side = 32;
const planeBytes = side * side;
const pixelBytes = 3 * planeBytes;
/** Files of 10,000 or 50,000 images; larger ones are something else. */
const mostFileBytes = 256 * 2 ** 20;
/** A set has eight files at most, beside what lies around. */
const mostFiles = 64;
/** Images that are handed on at a time. */
const imagesAtOnce = 512;

const cifar10Names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** Images one after the other, each with planes of red, green and blue of 32 x 32 bytes. */
interface Planes {
  bytes: Uint8Array;
  /** where the planes of the first image begin */
  start: number;
  /** from one image to the next */
  stride: number;
}

/** One file of images, its pixels to be read again when they are needed. */
interface Batch {
  file: ImportFile;
  rows: number;
  part: number;
  labels: Record<string, Int32Array>;
  pixels(): Promise<Planes>;
}

interface Cifar {
  batches: Batch[];
  /** names of classes by the name of their labels, where a file has them */
  names: Record<string, string[]>;
  isPickle: boolean;
}

async function bytesOf(file: ImportFile): Promise<number> {
  if (file.bytes !== null) return file.bytes;
  return file.stretch ? (await stat(file.stretch.path)).size : 0;
}

/** Binary files have one or two bytes of labels before each image. */
const binaryKinds = [
  { recordBytes: 1 + pixelBytes, labels: [{ name: 'labels', at: 0, classes: 10 }] },
  {
    recordBytes: 2 + pixelBytes,
    labels: [
      { name: 'fine_labels', at: 1, classes: 100 },
      { name: 'coarse_labels', at: 0, classes: 20 },
    ],
  },
] as const;

/** Binary files are known by their size and by labels that are all classes. */
async function binaryBatch(file: ImportFile): Promise<Batch | null> {
  const size = await bytesOf(file);
  const kinds = binaryKinds.filter(({ recordBytes }) => size > 0 && size % recordBytes === 0);
  const isNamed = /(?:^|\/)(?:data_batch(?:_\d+)?|test_batch|train|test)\.bin$/i.test(file.name);
  if (size > mostFileBytes || (kinds.length === 0 && !isNamed)) return null;
  const bytes = await wholeFile(file, mostFileBytes);
  for (const { recordBytes, labels } of kinds) {
    const rows = bytes.length / recordBytes;
    const found = Object.fromEntries(
      labels.map(({ name, at }) => [
        name,
        Int32Array.from({ length: rows }, (_, row) => bytes[row * recordBytes + at]!),
      ]),
    );
    if (!labels.every(({ name, classes }) => found[name]!.every((label) => label < classes))) continue;
    const pixels = async (): Promise<Planes> => ({
      bytes: await wholeFile(file, mostFileBytes),
      start: recordBytes - pixelBytes,
      stride: recordBytes,
    });
    return { file, rows, part: partOf(file), labels: found, pixels };
  }
  if (!isNamed) return null;
  throw unreadable(
    file.place,
    `its ${size.toLocaleString('en')} bytes are no whole number of CIFAR images (3,073 or 3,074 bytes each, the label first): it is cut off or something else.`,
  );
}

const partOf = (file: ImportFile): number =>
  partOfName(file.name.split('/').at(-1)!) === partCodes.test ? partCodes.test : partCodes.train;

async function readPickles(files: readonly ImportFile[]): Promise<Cifar> {
  const cifar: Cifar = { batches: [], names: {}, isPickle: true };
  for (const file of files) {
    const value = unpickle(await wholeFile(file, mostFileBytes), file.place);
    const batch = cifarBatchOf(value, file.place);
    if (batch) {
      const pixels = async (): Promise<Planes> => {
        const again = cifarBatchOf(unpickle(await wholeFile(file, mostFileBytes), file.place), file.place)!;
        return { bytes: again.pixels, start: 0, stride: pixelBytes };
      };
      cifar.batches.push({ file, rows: batch.rows, part: partOf(file), labels: batch.labels, pixels });
    } else Object.assign(cifar.names, cifarNamesOf(value));
  }
  return cifar;
}

async function readBinary(files: readonly ImportFile[], found: FoundFiles): Promise<Cifar> {
  const cifar: Cifar = { batches: [], names: {}, isPickle: false };
  for (const file of files) {
    if ((await found.formatOf(file)) === 'text') {
      const names = new TextDecoder('utf-8').decode(await wholeFile(file, mostFileBytes)).split(/\r?\n/);
      const key = /coarse/i.test(file.name) ? 'coarse_labels' : /fine/i.test(file.name) ? 'fine_labels' : 'labels';
      if (/(?:meta|label_names)[^/]*\.txt$/i.test(file.name)) cifar.names[key] = names.filter((name) => name !== '');
      continue;
    }
    const batch = await binaryBatch(file);
    if (batch) cifar.batches.push(batch);
  }
  return cifar;
}

/** CIFAR-10 and CIFAR-100 as they are downloaded: binary files or Python pickles, in a folder or an archive, or some of them. */
export const openCifar: OpenSource = async (found, choices) => {
  if (found.files.length > mostFiles) return null;
  const formats = await Promise.all(found.files.map((file) => found.formatOf(file)));
  const pickles = found.files.filter((_, i) => formats[i] === 'pickle');
  const others = found.files.filter((_, i) => formats[i] === 'unknown' || formats[i] === 'text');
  if (pickles.length === 0 && !formats.includes('unknown')) return null;
  const cifar = pickles.length > 0 ? await readPickles(pickles) : await readBinary(others, found);
  if (cifar.batches.length === 0) {
    if (pickles.length === 0) return null;
    throw unknownFormat(
      placeText(pickles[0]!.place),
      'it is a Python pickle without the images of CIFAR, and pickles of other data are not read: save the arrays by numpy.savez.',
    );
  }
  return createImageSource(cifarImages(found, cifar, choices.target));
};

/** The labels that are asked for, "fine" standing for "fine_labels"; the finest without a wish. */
function chosenLabels({ batches }: Cifar, wanted: string | undefined): { chosen: string; all: string[] } {
  const all = ['labels', 'fine_labels', 'coarse_labels'].filter((name) => batches[0]!.labels[name]);
  const different = batches.find(({ labels }) => Object.keys(labels).toSorted().join() !== all.toSorted().join());
  if (different) {
    throw unreadable(different.file.place, `it has other labels than ${placeText(batches[0]!.file.place)}.`);
  }
  if (wanted === undefined) return { chosen: all[0]!, all };
  const chosen = all.find((name) => name === wanted || name === `${wanted}_labels`);
  if (chosen) return { chosen, all };
  throw badChoice(`${placeText(batches[0]!.file.place)} has no labels "${wanted}"; it has ${all.join(', ')}.`);
}

function cifarImages(found: FoundFiles, cifar: Cifar, wanted: string | undefined): ImageSet {
  // archives have any order, and the same images are to make the same dataset
  const batches = cifar.batches.toSorted((a, b) => (a.file.name < b.file.name ? -1 : 1));
  const { chosen, all } = chosenLabels(cifar, wanted);
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  if (rows === 0) throw unreadable(batches[0]!.file.place, 'it has 0 images.');
  const labels = new Int32Array(rows);
  const parts = new Uint8Array(rows);
  const starts: number[] = [];
  let at = 0;
  for (const batch of batches) {
    starts.push(at);
    labels.set(batch.labels[chosen]!, at);
    parts.fill(batch.part, at, at + batch.rows);
    at += batch.rows;
  }
  const most = labels.reduce((a, b) => Math.max(a, b), 0);
  const usual = chosen === 'labels' ? cifar10Names : [];
  const known = cifar.names[chosen] ?? usual;
  const classes =
    known.length > most ? known : Array.from({ length: most + 1 }, (_, label) => known[label] ?? String(label));
  const places = new Map<number, Promise<Planes>>();
  /** The file that was read last is kept: samples are looked at one by one. */
  const pixelsOf = (batch: number): Promise<Planes> => {
    const kept = places.get(batch);
    if (kept) return kept;
    places.clear();
    const pixels = batches[batch]!.pixels();
    places.set(batch, pixels);
    return pixels;
  };
  const placeOf = (row: number) => {
    const batch = starts.findLastIndex((start) => start <= row);
    return { batch, index: row - starts[batch]! };
  };
  const kind = all.includes('fine_labels') ? 'CIFAR-100' : 'CIFAR-10';
  return {
    format: `${kind}, ${cifar.isPickle ? 'Python pickles' : 'binary'}`,
    files: [...found.paths],
    rows,
    classes,
    labels,
    fixedParts: parts.includes(partCodes.test) && parts.includes(partCodes.train) ? parts : null,
    warnings: [],
    targets: all.length > 1 ? [chosen, ...all.filter((name) => name !== chosen)] : [],
    placeOf(row) {
      const { batch, index } = placeOf(row);
      return { ...batches[batch]!.file.place, row: index + 1 };
    },
    facts: async () => ({ format: 'PNG', width: side, height: side, channels: 3 }),
    async decode(row, sample) {
      const { batch, index } = placeOf(row);
      const pixels = interleaved(await pixelsOf(batch), index, 1);
      return fitPixels({ width: side, height: side, channels: 3, data: pixels }, sample, null);
    },
    async *decodeAll(sample): AsyncGenerator<DecodedImages> {
      const isOwnSize = sample.width === side && sample.height === side && sample.channels === 3;
      const sampleBytes = sample.width * sample.height * sample.channels;
      for (const [number, batch] of batches.entries()) {
        const planes = await batch.pixels();
        for (let first = 0; first < batch.rows; first += imagesAtOnce) {
          const count = Math.min(imagesAtOnce, batch.rows - first);
          const data = interleaved(planes, first, count);
          const rowsOfBlock = Uint32Array.from({ length: count }, (_, i) => starts[number]! + first + i);
          if (isOwnSize) {
            yield { rows: rowsOfBlock, pixels: data, failed: [] };
            continue;
          }
          const pixels = new Uint8Array(count * sampleBytes);
          for (let i = 0; i < count; i++) {
            const image = {
              width: side,
              height: side,
              channels: 3 as const,
              data: data.subarray(i * pixelBytes, (i + 1) * pixelBytes),
            };
            pixels.set(await fitPixels(image, sample, null), i * sampleBytes);
          }
          yield { rows: rowsOfBlock, pixels, failed: [] };
        }
      }
    },
    link: null,
  };
}

/** The planes of `count` images from `first` on become pixels. */
function interleaved({ bytes, start, stride }: Planes, first: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count * pixelBytes);
  for (let image = 0, to = 0; image < count; image++) {
    const red = start + (first + image) * stride;
    for (let i = red; i < red + planeBytes; i++) {
      pixels[to] = bytes[i]!;
      pixels[to + 1] = bytes[i + planeBytes]!;
      pixels[to + 2] = bytes[i + 2 * planeBytes]!;
      to += 3;
    }
  }
  return pixels;
}
