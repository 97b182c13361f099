import type { ImportChoices, ImportWarning } from '../../../../core/contract/datasetImport.ts';
import { AppError } from '../../../../core/errors.ts';
import { decodeImage, readImageFacts } from '../../../../node/images/decodeImage.ts';
import { wholeFile } from '../files/fileBytes.ts';
import type { FoundFiles, ImportFile } from '../files/importFile.ts';
import { placeText, unknownFormat, unreadable } from '../importErrors.ts';
import type { OpenSource } from '../importSource.ts';
import { readUnchanged } from './readUnchanged.ts';
import { importLimits } from '../limits.ts';
import type { ImageBytes } from './decodeMessages.ts';
import { decodeAll } from './decodePool.ts';
import { spreadRows } from './imagePlan.ts';
import type { ImageSet } from './imageSet.ts';
import { createImageSource } from './imageSource.ts';
import { imageTree } from './imageTree.ts';
import { labelOf, readLabels, type LabelsFile } from './labelsFile.ts';
import { ImageReader } from './readImage.ts';

const imageEnding = /\.(?:png|jpe?g|jfif|webp|bmp|dib|gif|tiff?)$/i;
/** Files whose content is looked at to see whether there are images at all. */
const sniffed = 24;
/** Files without an ending of images that are looked at, one by one. */
const mostUnnamed = 20_000;

/** Whether the files are images, by their endings and the content of some. */
async function areImages(found: FoundFiles): Promise<boolean> {
  const named = found.files.filter(({ name }) => imageEnding.test(name));
  const candidates = named.length > 0 ? named : found.files;
  const rows = spreadRows(candidates.length, sniffed);
  const formats = await Promise.all(rows.map((row) => found.formatOf(candidates[row]!)));
  const images = formats.filter((format) => format === 'image').length;
  // a picture or two beside tables are no dataset, and images of which most are damaged still are one
  return images > 0 && (named.length > 2 || found.files.length <= 2 * Math.max(1, named.length));
}

interface Sorted {
  images: ImportFile[];
  others: ImportFile[];
}

async function sortFiles(found: FoundFiles): Promise<Sorted> {
  const unnamed = found.files.filter(({ name }) => !imageEnding.test(name));
  const isLookedAt = unnamed.length <= mostUnnamed;
  const images: ImportFile[] = [];
  const others: ImportFile[] = [];
  for (const file of found.files) {
    const isImage = imageEnding.test(file.name) || (isLookedAt && (await found.formatOf(file)) === 'image');
    (isImage ? images : others).push(file);
  }
  // archives have any order, and the same images are to make the same dataset
  images.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { images, others };
}

async function findLabels(
  { images, others }: Sorted,
  found: FoundFiles,
  choices: ImportChoices,
): Promise<{ file: ImportFile; labels: LabelsFile } | null> {
  const names = images.map(({ name }) => name);
  for (const file of others.slice(0, 20)) {
    if ((await found.formatOf(file)) !== 'text') continue;
    const labels = await readLabels(file, names, choices);
    if (labels) return { file, labels };
  }
  return null;
}

/** Images that were named or lie in folders and archives, a class for each folder. */
export const openImages: OpenSource = async (found, choices, { canLink }) => {
  if (!(await areImages(found))) return null;
  const sorted = await sortFiles(found);
  const { images } = sorted;
  const tree = imageTree(images.map(({ name }) => name));
  const isFlat = tree.layout === 'none' || tree.layout === 'names';
  const table = isFlat || choices.target !== undefined ? await findLabels(sorted, found, choices) : null;
  const [first] = images;
  if (!table && tree.layout === 'none') {
    throw unknownFormat(
      found.paths[0]!,
      `its ${images.length === 1 ? 'image has' : `${images.length.toLocaleString('en')} images have`} no classes (the first is ${placeText(first!.place)}). Put the images of each class into a folder of its own, such as cats/1.png and dogs/2.png, or add a CSV with a column of file names and one of classes.`,
    );
  }
  const classOf = table ? images.map(({ name }) => labelOf(table.labels, name)) : null;
  const classes = classOf ? [...new Set(classOf.filter((name) => name !== null))].toSorted() : tree.classes;
  const places = new Map(classes.map((name, i) => [name, i]));
  const labels = classOf ? Int32Array.from(classOf, (name) => (name === null ? -1 : places.get(name)!)) : tree.labels;
  const kept = images.map((_, i) => i).filter((i) => labels[i] !== -1);
  if (kept.length === 0) throw unreadable({ file: found.paths[0]! }, 'it has images, but 0 of them have a class.');
  const files = kept.map((i) => images[i]!);
  return createImageSource(
    fileImages(found, files, canLink, {
      format: `images, ${table ? `classes by ${table.file.name.split('/').at(-1)}` : layoutNames[tree.layout]}`,
      classes,
      labels: Int32Array.from(kept, (i) => labels[i]!),
      fixedParts: tree.parts && !table ? Uint8Array.from(kept, (i) => tree.parts![i]!) : null,
      targets: table?.labels.targets ?? [],
      warnings: leftOut(
        images.filter((_, i) => labels[i] === -1),
        sorted.others.filter((file) => file !== table?.file),
      ),
    }),
  );
};

const layoutNames = {
  folders: 'a folder for each class',
  parts: 'folders for parts and classes',
  names: 'classes by the beginning of their names',
  none: '',
} as const;

function leftOut(withoutClass: readonly ImportFile[], others: readonly ImportFile[]): ImportWarning[] {
  const sentence = (files: readonly ImportFile[], what: [string, string], why: string): ImportWarning[] =>
    files.length === 0
      ? []
      : [
          {
            kind: 'ignored',
            message: `${files.length === 1 ? what[0] : `${files.length.toLocaleString('en')} ${what[1]}`} left out, ${why}; the first is ${placeText(files[0]!.place)}.`,
          },
        ];
  return [
    ...sentence(withoutClass, ['One image is', 'images are'], 'because no folder or table gives them a class'),
    ...sentence(others, ['One file is', 'files are'], 'which are no images'),
  ];
}

type SetFacts = Pick<ImageSet, 'format' | 'classes' | 'labels' | 'fixedParts' | 'targets' | 'warnings'>;

function fileImages(found: FoundFiles, files: readonly ImportFile[], canLink: boolean, facts: SetFacts): ImageSet {
  const reader = new ImageReader();
  /** What a thread can read by itself, it does. */
  const bytesOf = async (row: number): Promise<ImageBytes> => {
    const file = files[row]!;
    const { stretch, place, bytes } = file;
    if (stretch) return { ...stretch, length: place.entry === undefined ? null : bytes };
    try {
      return { bytes: await wholeFile(file, importLimits.maxImageBytes) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'fileUnreadable')
        return { why: ownWords(error, placeText(place)) };
      throw error;
    }
  };
  const read = async (row: number): Promise<Uint8Array> => {
    const bytes = reader.read(await bytesOf(row));
    reader.close();
    return bytes;
  };
  const isOneFolder = found.paths.length === 1 && found.containers.length === 1 && found.containers[0] === 'folder';
  return {
    ...facts,
    files: [...new Set(found.paths)],
    rows: files.length,
    placeOf: (row) => files[row]!.place,
    facts: async (row) => readImageFacts(await read(row)),
    decode: async (row, sample) => decodeImage(await read(row), sample),
    decodeAll: (sample) =>
      readUnchanged(
        files.length,
        (row) => files[row]!.place.file,
        (onStates) => decodeAll(files.length, bytesOf, sample, onStates),
      ),
    link: canLink && isOneFolder ? { root: found.paths[0]!, pathOf: (row) => Buffer.from(files[row]!.name) } : null,
  };
}

/** A sentence without the place it begins with, which is named by whoever tells it. */
function ownWords({ message }: AppError, place: string): string {
  return (message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message).replace(/\.$/, '');
}
