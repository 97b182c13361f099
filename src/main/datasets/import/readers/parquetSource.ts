import { open, type FileHandle } from 'node:fs/promises';
import { zstdDecompressSync, gunzipSync, brotliDecompressSync } from 'node:zlib';
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { compressors as portableCompressors, type Compressors } from 'hyparquet-compressors';
import { messageOf, unreadable } from '../importErrors.ts';
import { pathOnDisk } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { ImportContext, ImportSource } from '../importSource.ts';
import type { TableBuilder } from '../table/tableBuilder.ts';
import { createTableSource } from '../tableSource.ts';
import { cellText } from './cellText.ts';
import { AppError } from '../../../../core/errors.ts';

/** Node's own are several times faster; the size that a page claims bounds what it may become. */
const compressors: Compressors = {
  ...portableCompressors,
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
};

/** What pandas adds for its row labels. */
const isIndexColumn = (name: string): boolean => /^__index_level_\d+__$/.test(name);
/** A column of one row group that claims more than this is no real file's. */
const maxGroupRows = 200_000_000;

interface ParquetFile {
  file: ImportFile;
  handle: FileHandle;
  buffer: AsyncBuffer;
  metadata: FileMetaData;
  names: string[];
  /** first row and number of rows of each group */
  groups: { first: number; rows: number }[];
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const from = Math.max(0, start);
      const length = Math.max(0, Math.min(end, byteLength) - from);
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length;) {
        const { bytesRead } = await handle.read(bytes, at, length - at, from + at);
        if (bytesRead === 0) throw new Error('it ends early');
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function openParquet(file: ImportFile, path: string): Promise<ParquetFile> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  const buffer = bufferOf(handle, size);
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const root = metadata.schema[0];
    const names = childNames(metadata);
    if (!root || names.length === 0) throw new Error('it has no columns');
    const groups: ParquetFile['groups'] = [];
    let first = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const rows = Number(count);
      if (!(rows >= 0) || rows > maxGroupRows) throw new Error(`a row group claims ${count} rows`);
      groups.push({ first, rows });
      first += rows;
    }
    return { file, handle, buffer, metadata, names, groups };
  } catch (error) {
    await handle.close();
    throw damaged(file, error);
  }
}

function damaged(file: ImportFile, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return unreadable(file.place, `its Parquet data is damaged or cut off (${messageOf(error).slice(0, 200)}).`, error);
}

/** Names of the columns at the top; a nested one counts as one. */
function childNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const element = schema[at++];
    for (let i = 0; i < (element?.num_children ?? 0) && at < schema.length; i++) skip();
  };
  for (let i = 0; i < (schema[0]?.num_children ?? 0) && at < schema.length; i++) {
    names.push(schema[at]!.name);
    skip();
  }
  return names.filter((name) => !isIndexColumn(name));
}

async function readColumn(
  { buffer, metadata, file }: ParquetFile,
  name: string,
  first: number,
  rows: number,
): Promise<ArrayLike<unknown>> {
  const pieces: { at: number; values: ArrayLike<unknown> }[] = [];
  try {
    await parquetRead({
      file: buffer,
      metadata,
      columns: [name],
      rowStart: first,
      rowEnd: first + rows,
      compressors,
      onChunk: ({ columnData, rowStart }) => void pieces.push({ at: rowStart, values: columnData }),
    });
  } catch (error) {
    throw damaged(file, error);
  }
  const [only] = pieces;
  if (pieces.length === 1 && only!.at === first && only!.values.length === rows) return only!.values;
  const values: unknown[] = Array.from({ length: rows }, () => null);
  let filled = 0;
  for (const piece of pieces) {
    for (let i = 0; i < piece.values.length; i++) {
      const row = piece.at + i - first;
      if (row < 0 || row >= rows) continue;
      values[row] = piece.values[i];
      filled++;
    }
  }
  if (filled !== rows) throw unreadable({ ...file.place, column: name }, `it has ${filled} of ${rows} values.`);
  return values;
}

async function readParquet(
  parquet: ParquetFile,
  table: TableBuilder,
  { maxRows, onBytes }: { maxRows: number; onBytes: (read: number) => void },
): Promise<void> {
  const { names, groups, buffer } = parquet;
  const total = groups.reduce((sum, { rows }) => sum + rows, 0) || 1;
  for (const { first, rows } of groups) {
    const wanted = Math.min(rows, maxRows - table.rows);
    if (wanted <= 0) return;
    let done = 0;
    await table.appendByColumn(wanted, (index) => {
      onBytes((buffer.byteLength * (first + (rows * done++) / names.length)) / total);
      return readColumn(parquet, names[index]!, first, wanted);
    });
  }
}

async function previewOf(parquet: ParquetFile): Promise<string[][]> {
  const rows = Math.min(20, parquet.groups[0]?.rows ?? 0);
  const columns: ArrayLike<unknown>[] = [];
  for (const name of parquet.names.slice(0, 200)) columns.push(await readColumn(parquet, name, 0, rows));
  return Array.from({ length: rows }, (_, row) => columns.map((column) => cellText(column[row])));
}

/** Parquet files with the same columns. */
export async function openParquetSource(files: readonly ImportFile[], context: ImportContext): Promise<ImportSource> {
  const opened: ParquetFile[] = [];
  const close = async (): Promise<void> => {
    for (const { handle } of opened) await handle.close();
  };
  try {
    return await openAll(files, opened, close, context);
  } catch (error) {
    await close();
    throw error;
  }
}

async function openAll(
  files: readonly ImportFile[],
  opened: ParquetFile[],
  close: () => Promise<void>,
  context: ImportContext,
): Promise<ImportSource> {
  for (const file of files) opened.push(await openParquet(file, await pathOnDisk(file, context.tempDir)));
  const [first] = opened;
  for (const other of opened) {
    if (other.names.join('\0') === first!.names.join('\0')) continue;
    throw unreadable(
      other.file.place,
      `its columns differ from those of ${first!.file.place.file}; files that are imported together must have the same columns.`,
    );
  }
  return createTableSource({
    format: 'Parquet',
    preview: await previewOf(first!),
    files: opened.map((parquet) => ({
      file: parquet.file,
      read(table, options) {
        if (table.columns.length === 0) table.addColumns(parquet.names);
        return readParquet(parquet, table, options);
      },
    })),
    warnings: [],
    close,
  });
}
