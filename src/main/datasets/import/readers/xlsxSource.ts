import readSheets, { type Sheet } from 'read-excel-file/node';
import { nearestName } from '../../../../core/text/nearestName.ts';
import { badChoice, messageOf, placeText, unreadable } from '../importErrors.ts';
import { pathOnDisk } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import { LeftOut } from '../files/leftOut.ts';
import { zipFiles } from '../files/zipFiles.ts';
import type { ImportContext, ImportSource } from '../importSource.ts';
import { createTableSource } from '../tableSource.ts';
import { cellText } from './cellText.ts';

/** A workbook is read into memory whole, so that a larger one is better saved as CSV. */
const maxUnpackedBytes = 400 * 2 ** 20;

async function readWorkbook(file: ImportFile, path: string): Promise<Sheet[]> {
  const zip = await zipFiles(path, new LeftOut());
  const bytes = zip.files.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);
  zip.close();
  if (bytes > maxUnpackedBytes) {
    throw unreadable(
      file.place,
      `its sheets are larger than ${maxUnpackedBytes / 2 ** 20} MiB unpacked: save the sheet as CSV and import that.`,
    );
  }
  try {
    return await readSheets(path);
  } catch (error) {
    throw unreadable(file.place, `the workbook is damaged or cut off (${messageOf(error).slice(0, 200)}).`, error);
  }
}

function chooseSheet(file: ImportFile, sheets: readonly Sheet[], wanted: string | undefined): Sheet {
  const names = sheets.map(({ sheet }) => sheet);
  if (wanted !== undefined) {
    const found = sheets.find(({ sheet }) => sheet === wanted);
    if (found) return found;
    const near = nearestName(wanted, names);
    throw badChoice(
      `${placeText(file.place)} has no sheet "${wanted}"${near ? `; did you mean "${near}"?` : '.'} It has: ${names.join(', ')}.`,
    );
  }
  const filled = sheets.find(({ data }) => data.length > 1 && data.some((row) => row.length > 1));
  if (!filled) throw unreadable(file.place, 'none of its sheets has rows of two columns or more.');
  return filled;
}

type Cell = string | number | boolean | Date | null;

/** A first row of different texts above something else. */
function hasHeader([first, ...others]: readonly (readonly Cell[])[]): boolean {
  if (!first || others.length === 0) return false;
  const named = first.filter((cell) => cell !== null);
  return named.length > 0 && named.every((cell) => typeof cell === 'string') && new Set(named).size === named.length;
}

/** One sheet of an Excel workbook. */
export async function openXlsxSource(
  file: ImportFile,
  wanted: string | undefined,
  context: ImportContext,
): Promise<ImportSource> {
  const sheets = await readWorkbook(file, await pathOnDisk(file, context.tempDir));
  const chosen = chooseSheet(file, sheets, wanted);
  const all = chosen.data as unknown as Cell[][];
  const isEmpty = (row: readonly Cell[]): boolean => row.every((cell) => cell === null || cell === '');
  const withHeader = hasHeader(all);
  const width = all.reduce((most, row) => Math.max(most, row.length), 0);
  const names = Array.from(
    { length: width },
    (_, i) => (withHeader && cellText(all[0]![i]).trim()) || `column ${i + 1}`,
  );
  const rows = withHeader ? all.slice(1) : all;
  const others = sheets.length > 1 ? `, sheet "${chosen.sheet}" of ${sheets.length}` : '';
  return createTableSource({
    format: `Excel workbook${others}`,
    sheets: sheets.map(({ sheet }) => sheet),
    sheet: chosen.sheet,
    preview: rows.slice(0, 20).map((row) => names.map((_, i) => cellText(row[i]))),
    files: [
      {
        file,
        async read(table, { maxRows }) {
          table.addColumns(names);
          for (const [i, row] of rows.entries()) {
            if (isEmpty(row)) continue;
            if (table.rows >= maxRows) return;
            const line = i + (withHeader ? 2 : 1);
            for (let index = 0; index < width; index++) {
              const cell = row[index] ?? null;
              if (typeof cell === 'string') table.setText(index, cell, line);
              else table.setValue(index, cell, line);
            }
            table.endRow();
          }
        },
      },
    ],
    warnings: [],
  });
}
