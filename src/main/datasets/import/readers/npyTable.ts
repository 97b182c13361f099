import { badChoice } from '../importErrors.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { ImportSource } from '../importSource.ts';
import { createTableSource } from '../tableSource.ts';
import type { OpenArrays } from '../arrays/storedArray.ts';

const bytesPerRead = 8 * 2 ** 20;
const maxColumns = 10_000;

/** A single array of rows and columns as a table, whose last column is the target unless another is chosen. */
export async function createArrayTable(open: OpenArrays, file: ImportFile): Promise<ImportSource> {
  const [array] = open.arrays;
  const [rows = 0, width = 0] = array?.shape ?? [];
  if (!array || array.shape.length !== 2 || array.kind === 'text' || width > maxColumns) {
    throw badChoice(
      `${file.place.file} holds one array${array ? ` of ${array.shape.join(' x ')}` : ''}, and targets are missing: import it together with the file of its targets, for example x.npy and y.npy.`,
    );
  }
  const names = Array.from({ length: width }, (_, i) => `column ${i + 1}`);
  const preview = await array.rows(0, Math.min(20, rows));
  return createTableSource({
    format: `${open.format}, ${array.type} ${array.shape.join(' x ')}`,
    preview: Array.from({ length: Math.min(20, rows) }, (_, row) =>
      Array.from(preview.subarray(row * width, (row + 1) * width), String),
    ),
    files: [
      {
        file,
        async read(table, { maxRows, onBytes }) {
          table.addColumns(names);
          const perRead = Math.max(1, Math.floor(bytesPerRead / (8 * width)));
          const total = Math.min(rows, maxRows);
          for (let first = 0; first < total; first += perRead) {
            const count = Math.min(perRead, total - first);
            const numbers = await array.rows(first, count);
            for (let row = 0; row < count; row++) {
              for (let i = 0; i < width; i++) table.setNumber(i, numbers[row * width + i]!, first + row + 1);
              table.endRow();
            }
            onBytes(((first + count) / rows) * (file.bytes ?? 0));
          }
        },
      },
    ],
    warnings: [],
    close: open.close,
  });
}
