import type { ImportChoices } from '../../../core/contract/datasetImport.ts';
import type { FoundFiles } from './files/importFile.ts';
import { openCifar } from './images/cifar.ts';
import { openImages } from './images/folderImages.ts';
import { placeText, unknownFormat } from './importErrors.ts';
import type { ImportContext, ImportSource, OpenSource } from './importSource.ts';
import { openTables } from './readers/openTables.ts';

/** Every kind of dataset there is; the first that knows the files opens them. */
const openers: readonly OpenSource[] = [openCifar, openImages, openTables];

/** Finds out by their content what files are, and opens them. Throws `unknownFormat` or `fileUnreadable`. */
export async function recognize(
  found: FoundFiles,
  choices: ImportChoices,
  context: ImportContext,
): Promise<ImportSource> {
  for (const open of openers) {
    const source = await open(found, choices, context);
    if (source) return source;
  }
  throw unknownFormat(
    placeText(found.files[0]!.place),
    'it is of no known format. Known: CSV and other delimited text, JSON lines, Parquet, Arrow, NumPy (.npy, .npz), IDX, HDF5, Excel (.xlsx), images (PNG, JPEG, WebP, BMP, GIF, TIFF) and CIFAR, also in gzip, zip and tar.',
  );
}
