import { open, type FileHandle } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import {
  type AsyncRecordBatchFileReader,
  type AsyncRecordBatchStreamReader,
  compressionRegistry,
  CompressionType,
  DataType,
  RecordBatchReader,
  type RecordBatch,
  type Vector,
} from 'apache-arrow';
import { ByteBuffer } from 'flatbuffers';
import { AppError } from '../../../../core/errors.ts';
import { messageOf, unreadable } from '../importErrors.ts';
import { pathOnDisk } from '../files/fileBytes.ts';
import type { ImportFile } from '../files/importFile.ts';
import type { ImportContext, ImportSource } from '../importSource.ts';
import type { TableBuilder } from '../table/tableBuilder.ts';
import { createTableSource } from '../tableSource.ts';
import { cellText, plainNumbers } from './cellText.ts';
import { unpackLz4Frame } from './lz4Frame.ts';

const maxBufferBytes = 2 ** 30;

const vectorLength = ByteBuffer.prototype.__vector_len;
/**
 * Arrow walks through every list of a file's description, whose length is a number in the file. No list has more items than
 * the description has bytes; one that claims to would be walked through for minutes.
 */
ByteBuffer.prototype.__vector_len = function checkedLength(this: ByteBuffer, offset: number): number {
  const length = vectorLength.call(this, offset);
  if (length < 0 || length > this.capacity()) throw new Error(`a list claims ${length.toLocaleString('en')} items`);
  return length;
};

const isIndexColumn = (name: string): boolean => /^__index_level_\d+__$/.test(name);

compressionRegistry.set(CompressionType.ZSTD, {
  decode: (data) => zstdDecompressSync(data, { maxOutputLength: maxBufferBytes }),
});
compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (data) => unpackLz4Frame(data, maxBufferBytes) });

function damaged(file: ImportFile, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return unreadable(file.place, `its Arrow data is damaged or cut off (${messageOf(error).slice(0, 200)}).`, error);
}

/** A file handle as Arrow uses one, except that reading where there is nothing fails; Arrow would try again for ever. */
function checkedHandle(handle: FileHandle) {
  return {
    fd: handle.fd,
    stat: () => handle.stat(),
    close: async () => undefined,
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      if (!Number.isSafeInteger(position) || position < 0) throw new Error('it points outside of the file');
      const result = await handle.read(buffer, offset, length, position);
      if (result.bytesRead === 0 && length > 0) throw new Error('it points beyond the end of the file');
      return result;
    },
  };
}

/** The batches that the index of a file names. Arrow itself would wait for ever for one that is something else. */
async function* indexedBatches(reader: AsyncRecordBatchFileReader): AsyncGenerator<RecordBatch> {
  for (let i = 0; i < reader.numRecordBatches; i++) {
    const batch = await reader.readRecordBatch(i);
    if (!batch) throw new Error(`there is no batch ${i + 1} where its index says`);
    yield batch;
  }
}

/** Gives the batches of a file one after the other. Throws `fileUnreadable`. */
async function* batchesOf(file: ImportFile, path: string): AsyncGenerator<RecordBatch> {
  const handle = await open(path, 'r');
  try {
    const reader: AsyncRecordBatchFileReader | AsyncRecordBatchStreamReader = await RecordBatchReader.from(
      checkedHandle(handle) as unknown as AsyncIterable<Uint8Array>,
    );
    await reader.open();
    for await (const batch of reader.isFile() ? indexedBatches(reader) : reader) {
      checkLengths(batch);
      yield batch;
    }
  } catch (error) {
    throw damaged(file, error);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

const maxBatchRows = 200_000_000;

/** Refuses a batch that claims more rows than its buffers hold. */
function checkLengths(batch: RecordBatch): void {
  const check = (what: string, held: number, claimed: number): void => {
    if (held < claimed)
      throw new Error(`${what} claims ${claimed.toLocaleString('en')} values and holds ${held.toLocaleString('en')}`);
  };
  check('a batch', maxBatchRows, batch.numRows);
  for (const [i, data] of batch.data.children.entries()) {
    const name = `column "${batch.schema.fields[i]?.name}"`;
    const { type, length } = data;
    check(name, length, batch.numRows);
    const values = data.values as ArrayLike<unknown> | undefined;
    const offsets = data.valueOffsets as ArrayLike<unknown> | undefined;
    if (offsets && offsets.length > 0) check(name, offsets.length - 1, length);
    else if (values && DataType.isBool(type)) check(name, 8 * values.length, length);
    else if (values && !DataType.isNull(type)) check(name, values.length / data.stride, length);
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
    return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value, plainNumbers)) : value;
  };
}

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
      readers.map((value) => cellText(value(row))),
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
