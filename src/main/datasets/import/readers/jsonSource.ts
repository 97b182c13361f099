import { unreadable } from '../importErrors.ts';
import { unpacked } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { ImportSource } from '../importSource.ts';
import type { TableBuilder } from '../table/tableBuilder.ts';
import { createTableSource } from '../tableSource.ts';
import { EnoughRows } from './enoughRows.ts';
import { JsonObjects } from './jsonObjects.ts';
import { asUtf8, findEncoding } from './textEncoding.ts';

const previewRows = 20;
const headBytes = 2 ** 20;
const maxDepth = 16;

/** Fields of an object with those of the objects and lists in it: "size.width", "pixel.0". */
function* flatFields(object: object, prefix = '', depth = 0): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(object)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'object' && value !== null && depth < maxDepth)
      yield* flatFields(value as object, name, depth + 1);
    else yield [name, value];
  }
}

async function readObjects(
  file: ImportFile,
  table: TableBuilder,
  { maxRows, onBytes }: { maxRows: number; onBytes?: (read: number) => void },
): Promise<void> {
  let seen = new Uint8Array(table.columns.length);
  const objects = new JsonObjects(file.place, (object, line) => {
    seen.fill(0);
    for (const [name, value] of flatFields(object)) {
      let index = table.indexOf(name);
      if (index === undefined) {
        index = table.columns.length;
        table.addColumns([name]);
        if (index >= seen.length) {
          const larger = new Uint8Array(2 * (index + 16));
          larger.set(seen);
          seen = larger;
        }
      }
      seen[index] = 1;
      if (typeof value === 'string') table.setText(index, value, line);
      else table.setValue(index, value, line);
    }
    for (let index = 0; index < table.columns.length; index++) if (!seen[index]) table.setMissing(index, line);
    table.endRow();
    if (table.rows >= maxRows) throw new EnoughRows();
  });
  try {
    for await (const piece of asUtf8(unpacked(file, { onBytes }), await encodingOf(file))) objects.push(piece);
    objects.end();
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  }
}

async function encodingOf(file: ImportFile) {
  for await (const piece of unpacked(file)) return findEncoding(piece.subarray(0, headBytes));
  throw unreadable(file.place, 'it has no rows.');
}

/** The first objects as rows of text. */
async function previewOf(file: ImportFile): Promise<string[][]> {
  const rows: string[][] = [];
  const columns: string[] = [];
  const objects = new JsonObjects(file.place, (object) => {
    const fields = new Map(flatFields(object));
    for (const name of fields.keys()) if (!columns.includes(name)) columns.push(name);
    rows.push(columns.map((name) => String(fields.get(name) ?? '')));
    if (rows.length >= previewRows) throw new EnoughRows();
  });
  try {
    for await (const piece of asUtf8(unpacked(file), await encodingOf(file))) objects.push(piece);
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  }
  return rows.map((row) => columns.map((_, i) => row[i] ?? ''));
}

/** JSON lines, or a JSON array of objects; nested objects and lists become columns of their own. */
export async function openJsonSource(files: readonly ImportFile[]): Promise<ImportSource> {
  return createTableSource({
    format: 'JSON objects',
    preview: await previewOf(files[0]!),
    files: files.map((file) => ({ file, read: (table, options) => readObjects(file, table, options) })),
    warnings: [],
  });
}
