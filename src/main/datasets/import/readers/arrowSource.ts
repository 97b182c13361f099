import { open } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import {
  type AsyncRecordBatchStreamReader,
  compressionRegistry,
  CompressionType,
  DataType,
  RecordBatchReader,
  type RecordBatch,
  type Vector,
} from 'apache-arrow';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable } from '../importErrors.ts';
import { pathOnDisk } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { ImportContext, ImportSource } from '../importSource.ts';
import type { TableBuilder } from '../table/tableBuilder.ts';
import { createTableSource } from '../tableSource.ts';
import { unpackLz4Frame } from './lz4Frame.ts';

const maxBufferBytes = 2 ** 30;
const isIndexColumn = (name: string): boolean => /^__index_level_\d+__$/.test(name);

compressionRegistry.set(CompressionType.ZSTD, {
  decode: (data) => zstdDecompressSync(data, { maxOutputLength: maxBufferBytes }),
});
compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (data) => unpackLz4Frame(data, maxBufferBytes) });

function damaged(file: ImportFile, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return unreadable(file.place, `its Arrow data is damaged or cut off (${messageOf(error).slice(0, 200)}).`, error);
}

/** Gives the batches of a file one after the other. Throws `fileUnreadable`. */
async function* batchesOf(file: ImportFile, path: string): AsyncGenerator<RecordBatch> {
  const handle = await open(path, 'r');
  try {
    const reader: AsyncRecordBatchStreamReader = await RecordBatchReader.from(
      handle as unknown as AsyncIterable<Uint8Array>,
    );
    await reader.open();
    for await (const batch of reader) yield batch;
  } catch (error) {
    throw damaged(file, error);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

interface ArrowColumn {
  name: string;
  index: number;
}

function columnsOf(batch: RecordBatch): ArrowColumn[] {
  return batch.schema.fields.flatMap(({ name }, index) => (isIndexColumn(name) ? [] : [{ name, index }]));
}

/** One value of a vector as a number, text or date. */
function valueReader(vector: Vector): (row: number) => unknown {
  const type = vector.type as DataType;
  if (DataType.isTimestamp(type) || DataType.isDate(type)) {
    return (row) => {
      const value: unknown = vector.get(row);
      return value === null ? null : new Date(Number(value));
    };
  }
  if (DataType.isDecimal(type)) {
    const unit = 10 ** type.scale;
    return (row) => {
      const value: unknown = vector.get(row);
      return value === null ? null : Number(String(value)) / unit;
    };
  }
  return (row) => {
    const value: unknown = vector.get(row);
    return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value, plain)) : value;
  };
}

const plain = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? Number(part) : part);

async function readArrow(
  file: ImportFile,
  path: string,
  table: TableBuilder,
  { maxRows, onBytes }: { maxRows: number; onBytes: (read: number) => void },
): Promise<void> {
  let read = 0;
  for await (const batch of batchesOf(file, path)) {
    const columns = columnsOf(batch);
    if (table.columns.length === 0) table.addColumns(columns.map(({ name }) => name));
    if (columns.length !== table.columns.length) {
      throw unreadable(
        file.place,
        'its columns differ from those of the file before; files that are imported together must have the same columns.',
      );
    }
    const rows = Math.min(batch.numRows, maxRows - table.rows);
    try {
      await table.appendByColumn(rows, async (index) => {
        const vector = batch.getChildAt(columns[index]!.index)!;
        const value = valueReader(vector);
        return Array.from({ length: rows }, (_, row) => value(row));
      });
    } catch (error) {
      throw damaged(file, error);
    }
    read += batch.data.byteLength;
    onBytes(read);
    if (table.rows >= maxRows) return;
  }
}

async function previewOf(file: ImportFile, path: string): Promise<string[][]> {
  for await (const batch of batchesOf(file, path)) {
    const readers = columnsOf(batch).map(({ index }) => valueReader(batch.getChildAt(index)!));
    return Array.from({ length: Math.min(20, batch.numRows) }, (_, row) =>
      readers.map((value) => {
        const cell = value(row);
        if (cell === null) return '';
        return cell instanceof Date
          ? cell.toISOString()
          : typeof cell === 'object'
            ? JSON.stringify(cell)
            : String(cell);
      }),
    );
  }
  return [];
}

/** Arrow files and streams, and Feather files of version 2, which are Arrow files. */
export async function openArrowSource(files: readonly ImportFile[], context: ImportContext): Promise<ImportSource> {
  const paths: string[] = [];
  for (const file of files) paths.push(await pathOnDisk(file, context.tempDir));
  return createTableSource({
    format: 'Arrow (Feather)',
    preview: await previewOf(files[0]!, paths[0]!),
    files: files.map((file, i) => ({ file, read: (table, options) => readArrow(file, paths[i]!, table, options) })),
    warnings: [],
  });
}
