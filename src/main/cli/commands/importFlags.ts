import path from 'node:path';
import {
  encodings,
  imageChoicesSchema,
  missingPolicies,
  normalizeKinds,
  type Encoding,
  type ImageChoices,
  type ImportChoices,
  type ImportSplit,
} from '../../../core/contract/datasetImport.ts';
import { AppError } from '../../../core/errors.ts';
import type { FlagSpec } from '../flags/flagSpec.ts';
import type { ParsedArguments } from '../flags/parsedArguments.ts';

/** What can be decided about an import; everything else is guessed. */
export const importFlags: readonly FlagSpec[] = [
  { name: 'name', kind: 'text', description: 'name to show; the id is made of it', defaultText: 'from the first file' },
  { name: 'target', kind: 'text', placeholder: 'COLUMN', description: 'column, or array, that holds the targets' },
  {
    name: 'samples',
    kind: 'text',
    placeholder: 'ARRAY',
    description: 'array, or dataset of an HDF5 file, that holds the samples',
  },
  { name: 'sheet', kind: 'text', description: 'sheet of an Excel workbook' },
  { name: 'task', kind: 'text', description: 'what the targets are', choices: ['classes', 'regression'] },
  {
    name: 'encode',
    kind: 'text',
    placeholder: 'COLUMN=HOW',
    description: `how a column becomes features: ${encodings.join(', ')}; may be given several times`,
    repeatable: true,
  },
  {
    name: 'missing',
    kind: 'text',
    description: 'what becomes of missing and infinite values',
    choices: missingPolicies,
    defaultText: 'mean',
  },
  {
    name: 'normalize',
    kind: 'text',
    description: 'fitted on the training part',
    choices: normalizeKinds,
    defaultText: 'standardize',
  },
  {
    name: 'test-fraction',
    kind: 'number',
    description: 'share of the rows that is held out for testing',
    defaultText: '0.2, or the parts that the files have',
  },
  {
    name: 'validation-fraction',
    kind: 'number',
    description: 'share of the rows of a validation part',
    defaultText: '0',
  },
  {
    name: 'split',
    kind: 'text',
    description: 'how rows are dealt into parts',
    choices: ['random', 'stratified', 'fixed', 'column', 'group'],
    defaultText: 'fixed if the files are parts, else stratified for classes and random for regression',
  },
  { name: 'split-column', kind: 'text', placeholder: 'COLUMN', description: 'the column of --split column or group' },
  {
    name: 'image-size',
    kind: 'text',
    placeholder: 'HEIGHTxWIDTH',
    description: 'the one size that all images get, such as 64x64',
    defaultText: 'their own, or a usual one that most of them fill',
  },
  {
    name: 'image-channels',
    kind: 'text',
    description: 'grey (1) or red, green and blue (3)',
    choices: ['1', '3'],
    defaultText: '3 unless all are grey',
  },
  {
    name: 'image-fit',
    kind: 'text',
    description: 'how images of other sizes are fitted',
    choices: imageChoicesSchema.shape.fit.options,
    defaultText: 'crop',
  },
  {
    name: 'corrupt-images',
    kind: 'text',
    description: 'what happens when an image cannot be read',
    choices: imageChoicesSchema.shape.onCorrupt.options,
    defaultText: 'skip',
  },
  {
    name: 'images',
    kind: 'text',
    description: 'copy the images of a folder, or link them: they stay and are decoded when they are needed',
    choices: ['copy', 'link'],
    defaultText: 'copy, or link if they would take more than 8 GiB',
  },
  { name: 'split-seed', kind: 'number', description: 'other parts of the same shares', defaultText: '0' },
];

function encodingsFrom(texts: readonly string[]): Record<string, Encoding> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.lastIndexOf('=');
      const how = encodings.find((encoding) => encoding === text.slice(at + 1));
      if (at < 1 || !how) {
        throw new AppError('badUsage', `--encode takes COLUMN=HOW with one of ${encodings.join(', ')}, got "${text}".`);
      }
      return [text.slice(0, at), how];
    }),
  );
}

function splitFrom(args: ParsedArguments): ImportSplit | undefined {
  const kind = args.text('split') as ImportSplit['kind'] | undefined;
  const column = args.text('split-column');
  const [validation, seed] = [args.number('validation-fraction'), args.number('split-seed')];
  if (kind === undefined) {
    const given = [column, validation, seed].some((value) => value !== undefined);
    if (given) throw new AppError('badUsage', '--split-column, --split-seed and --validation-fraction need --split.');
    return undefined;
  }
  const test = args.number('test-fraction') ?? (kind === 'fixed' || kind === 'column' ? 0 : 0.2);
  return { kind, test, validation: validation ?? 0, seed: seed ?? 0, ...(column === undefined ? {} : { column }) };
}

function imageSizeFrom(size: string | undefined): Pick<ImageChoices, 'height' | 'width'> | undefined {
  if (size === undefined) return undefined;
  const [, height, width] = /^(\d{1,4})x(\d{1,4})$/i.exec(size) ?? [];
  if (height === undefined) {
    throw new AppError('badUsage', `--image-size takes HEIGHTxWIDTH in pixels, such as 64x64, got "${size}".`);
  }
  return { height: Number(height), width: Number(width) };
}

function imagesFrom(args: ParsedArguments): ImportChoices['images'] {
  const channels = args.text('image-channels');
  const images = args.text('images');
  const choices = {
    ...imageSizeFrom(args.text('image-size')),
    channels: channels === undefined ? undefined : (Number(channels) as ImageChoices['channels']),
    fit: args.text('image-fit') as ImageChoices['fit'] | undefined,
    onCorrupt: args.text('corrupt-images') as ImageChoices['onCorrupt'] | undefined,
    link: images === undefined ? undefined : images === 'link',
  };
  const given = Object.entries(choices).filter(([, value]) => value !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** The choices of a command line; paths are made absolute, because another program may do the import. */
export function importChoicesFrom(args: ParsedArguments): ImportChoices {
  const split = splitFrom(args);
  const texts = args.texts('encode');
  const optional: Partial<ImportChoices> = {
    name: args.text('name'),
    target: args.text('target'),
    samples: args.text('samples'),
    sheet: args.text('sheet'),
    task: args.text('task') as ImportChoices['task'],
    missing: args.text('missing') as ImportChoices['missing'],
    normalize: args.text('normalize') as ImportChoices['normalize'],
    testFraction: split ? undefined : args.number('test-fraction'),
    split,
    images: imagesFrom(args),
    encodings: texts.length > 0 ? encodingsFrom(texts) : undefined,
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { paths: args.positionals.map((file) => path.resolve(file)), ...Object.fromEntries(given) };
}
