import { placeText, unknownFormat } from '../importErrors.ts';
import { createArraySource } from '../arrays/arraySource.ts';
import { pathOnDisk } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { OpenSource } from '../importSource.ts';
import { openCsvSource } from './csvSource.ts';
import type { FileFormat } from './fileFormat.ts';

/** What lies beside data in folders and archives and is none. */
const isBeside = (name: string): boolean =>
  /(?:^|\/)(?:readme|license|licence|copying|citation|changelog|notice|index)(?:\.[a-z]+)?$|\.(?:md|html?|pdf|docx?|py|ipynb|sha256|md5|ya?ml)$/i.test(
    name,
  );

const formatNames: Partial<Record<FileFormat, string>> = {
  text: 'delimited text',
  jsonLines: 'JSON',
  parquet: 'Parquet',
  arrow: 'Arrow',
  npy: 'a NumPy array',
  idx: 'IDX',
  hdf5: 'HDF5',
  xlsx: 'an Excel workbook',
  image: 'an image',
  pickle: 'a Python pickle',
  empty: 'empty',
};
const maxFiles = 10_000;

/** Files of rows and columns, and arrays: everything that holds numbers and texts rather than images. */
export const openTables: OpenSource = async (found, choices, context) => {
  const isAlone = found.files.length === 1;
  const files = isAlone ? found.files : found.files.filter(({ name }) => !isBeside(name));
  const [first] = files;
  if (!first) return null;
  if (files.length > maxFiles) return null;
  const formats: FileFormat[] = [];
  for (const file of files) formats.push(await found.formatOf(file));
  const format = formats[0]!;
  if (format === 'xls') {
    throw unknownFormat(placeText(first.place), 'it is a workbook of the old .xls kind: save it as .xlsx or CSV.');
  }
  if (!(format in formatNames) || format === 'image' || format === 'pickle' || format === 'empty') return null;
  const different = formats.findIndex((other) => other !== format);
  if (different !== -1) {
    const other = formats[different]!;
    throw unknownFormat(
      placeText(files[different]!.place),
      `it is ${formatNames[other] ?? 'of no known format'}, but ${placeText(first.place)} is ${formatNames[format]}. Files that are imported together must be of one kind.`,
    );
  }
  const single = (what: string): ImportFile => {
    if (files.length === 1) return first;
    throw unknownFormat(placeText(files[1]!.place), `one ${what} is imported at a time.`);
  };
  switch (format) {
    case 'text':
      return openCsvSource(files, choices.text ?? {});
    case 'jsonLines': {
      const { openJsonSource } = await import('./jsonSource.ts');
      return openJsonSource(files);
    }
    case 'parquet': {
      const { openParquetSource } = await import('./parquetSource.ts');
      return openParquetSource(files, context);
    }
    case 'arrow': {
      const { openArrowSource } = await import('./arrowSource.ts');
      return openArrowSource(files, context);
    }
    case 'xlsx': {
      const { openXlsxSource } = await import('./xlsxSource.ts');
      return openXlsxSource(single('workbook'), choices.sheet, context);
    }
    case 'hdf5': {
      const { openHdf5 } = await import('../arrays/hdf5Arrays.ts');
      const file = single('HDF5 file');
      return createArraySource(await openHdf5(await pathOnDisk(file, context.tempDir), file.place), [
        placeText(file.place),
      ]);
    }
    case 'npy':
    case 'idx': {
      const { openArrayFiles } = await import('../arrays/openArrays.ts');
      const open = await openArrayFiles(files, format, context);
      if (files.length > 1 || open.arrays.length !== 1) return createArraySource(open, filesOf(files));
      const { createArrayTable } = await import('./npyTable.ts');
      try {
        return await createArrayTable(open, first);
      } catch (error) {
        await open.close();
        throw error;
      }
    }
    default:
      return null;
  }
};

/** An archive counts as one file. */
function filesOf(files: readonly ImportFile[]): string[] {
  return [...new Set(files.map(({ place }) => place.file))];
}
