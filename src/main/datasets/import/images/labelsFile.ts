import Papa from 'papaparse';
import type { ImportChoices } from '../../../../core/contract/datasetImport.ts';
import { nearestName } from '../../../../core/text/nearestName.ts';
import { wholeFile } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import { badChoice, placeText, unreadable } from '../importErrors.ts';
import { importLimits } from '../limits.ts';

/** Classes of images by a table beside them. */
export interface LabelsFile {
  /** by the name of the image without folders, and by that without its ending */
  classOf: ReadonlyMap<string, string>;
  /** columns that could be the target, the one that is first */
  targets: string[];
}

const usualTargets = /^(?:label|class|target|category|breed|species|y)(?:[ _]?(?:name|id))?$/i;
const mostShareMissing = 0.5;

const withoutFolders = (name: string): string => name.trim().split(/[\\/]/).at(-1)!;
const withoutEnding = (name: string): string => name.replace(/\.[^.]*$/, '');

/**
 * Reads a table with a column of image names and one of classes; null when none of its columns names the images. Throws
 * `fileUnreadable`, and `badUsage` when the target that was asked for is not there.
 */
export async function readLabels(
  file: ImportFile,
  images: readonly string[],
  { target }: Pick<ImportChoices, 'target'>,
): Promise<LabelsFile | null> {
  const text = new TextDecoder('utf-8').decode(await wholeFile(file, importLimits.maxImageBytes));
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: true });
  const [header, ...rows] = data;
  if (!header || header.length < 2 || rows.length === 0) return null;
  const wanted = new Set(images.map(withoutFolders));
  const wantedStems = new Set([...wanted].map(withoutEnding));
  const matches = header.map(
    (_, column) =>
      rows.filter((row) => {
        const name = withoutFolders(row[column] ?? '');
        return name !== '' && (wanted.has(name) || wantedStems.has(name));
      }).length,
  );
  const most = Math.max(...matches);
  if (most < Math.min(images.length, rows.length) * mostShareMissing) return null;
  const names = matches.indexOf(most);
  const others = header.filter((_, column) => column !== names);
  const chosen = target ?? others.find((name) => usualTargets.test(name.trim())) ?? others[0]!;
  if (!others.includes(chosen)) {
    const near = nearestName(chosen, others);
    throw badChoice(
      `${placeText(file.place)} has no column "${chosen}"${near ? `; did you mean "${near}"?` : '.'} Columns: ${others.join(', ')}.`,
    );
  }
  const column = header.indexOf(chosen);
  const classOf = new Map<string, string>();
  for (const [i, row] of rows.entries()) {
    const name = withoutFolders(row[names] ?? '');
    const label = (row[column] ?? '').trim();
    if (label === '') throw unreadable({ ...file.place, row: i + 2, column: chosen }, 'the class is missing.');
    classOf.set(name, label);
    classOf.set(withoutEnding(name), label);
  }
  return { classOf, targets: [chosen, ...others.filter((name) => name !== chosen)] };
}

/** Class of an image by its name with folders; null when the table has none. */
export function labelOf({ classOf }: LabelsFile, name: string): string | null {
  const base = withoutFolders(name);
  return classOf.get(base) ?? classOf.get(withoutEnding(base)) ?? null;
}
