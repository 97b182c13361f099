import { Dataset, File as Hdf5File, ready, type Metadata } from 'h5wasm/node';
import { messageOf, unreadable, type Place } from '../importErrors.ts';
import { decodeNumbers, numberTypeName, type NumberType } from './numberType.ts';
import { rowSizeOf, sizeOf, type OpenArrays, type StoredArray } from './storedArray.ts';

const maxDatasets = 10_000;
const maxTextBytes = 4_096;
const typeClass = { integer: 0, float: 1, string: 3, compound: 6, enum: 8 } as const;

function numberType({ type, size, signed, littleEndian, enum_type: members }: Metadata): NumberType | null {
  const isBigEndian = !littleEndian;
  if (type === typeClass.enum && members) {
    const names = Object.keys(members.members).toSorted().join();
    if (size === 1) return { kind: names === 'FALSE,TRUE' ? 'bool' : 'uint', bytes: 1, isBigEndian };
    return null;
  }
  if (type === typeClass.float && (size === 2 || size === 4 || size === 8))
    return { kind: 'float', bytes: size, isBigEndian };
  if (type === typeClass.integer && (size === 1 || size === 2 || size === 4 || size === 8)) {
    return { kind: signed ? 'int' : 'uint', bytes: size, isBigEndian };
  }
  return null;
}

function openDataset(module: Module, name: string, dataset: Dataset, place: Place): StoredArray | string {
  const { metadata } = dataset;
  const shape = metadata.shape ?? [];
  if (shape.length === 0) return 'it is a single value';
  if (!Number.isSafeInteger(sizeOf(shape) * Math.max(1, metadata.size))) return 'its shape is impossible';
  const type = numberType(metadata);
  const isText = metadata.type === typeClass.string && (metadata.vlen || metadata.size <= maxTextBytes);
  if (metadata.type === typeClass.compound)
    return 'it is a table of several fields per entry: save each field as a dataset of its own';
  if (!type && !isText) return 'its type cannot be imported';
  const rowSize = rowSizeOf({ shape });
  const raw = (first: number, count: number): unknown => {
    try {
      return dataset.slice([[first, first + count], ...shape.slice(1).map((): [] => [])]);
    } catch (error) {
      throw unreadable(
        place,
        `it cannot be read (${messageOf(error)}); it may be damaged, or packed by a filter that is not known.`,
        error,
      );
    }
  };
  return {
    name,
    place,
    shape,
    type: type ? numberTypeName(type) : 'text',
    kind: !type ? 'text' : type.kind === 'float' ? 'float' : 'integer',
    isBoolean: type?.kind === 'bool',
    async rows(first, count) {
      const bytes = rawBytes(module, dataset, metadata, first, count, place);
      const numbers = decodeNumbers(bytes, type!);
      if (numbers.length !== count * rowSize) throw unreadable(place, 'it is cut off.');
      return numbers;
    },
    async texts(first, count) {
      const texts = raw(first, count);
      if (!Array.isArray(texts)) throw unreadable(place, 'it cannot be read as text.');
      return texts.map(String);
    },
  };
}

/** The bytes of rows as they are stored; the types that h5wasm does not turn into numbers itself (half precision) among them. */
function rawBytes(
  module: Module,
  dataset: Dataset,
  metadata: Metadata,
  first: number,
  count: number,
  place: Place,
): Uint8Array {
  const shape = metadata.shape!;
  const big = (values: readonly number[]): bigint[] => values.map(BigInt);
  const counts = [count, ...shape.slice(1)];
  const length = sizeOf(counts) * metadata.size;
  const pointer = module._malloc(Math.max(1, length));
  if (pointer === 0) throw unreadable(place, 'its rows are too large for the memory.');
  try {
    const read = module.get_dataset_data(
      dataset.file_id,
      dataset.path,
      big(counts) as never,
      big([first, ...shape.slice(1).map(() => 0)]) as never,
      big(shape.map(() => 1)) as never,
      BigInt(pointer),
    );
    if (typeof read === 'number' && read < 0) throw new Error('the read failed');
    return module.HEAPU8.slice(pointer, pointer + length);
  } catch (error) {
    throw unreadable(
      place,
      `it cannot be read (${messageOf(error)}); it may be damaged, or packed by a filter that is not known.`,
      error,
    );
  } finally {
    module._free(pointer);
  }
}

type Module = Awaited<typeof ready> & {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  HEAPU8: Uint8Array;
};

/** Opens all datasets of an HDF5 file at `path`; links out of the file are not followed. Throws `fileUnreadable`. */
export async function openHdf5(path: string, place: Place): Promise<OpenArrays> {
  const module = (await ready) as Module;
  module.activate_throwing_error_handler?.();
  let file: Hdf5File;
  try {
    file = new Hdf5File(path, 'r');
  } catch (error) {
    throw unreadable(place, `it is damaged or cut off (${firstLine(error)}).`, error);
  }
  const arrays: StoredArray[] = [];
  const refused: { name: string; why: string }[] = [];
  try {
    const names = file.paths();
    if (names.length > maxDatasets)
      throw unreadable(place, `it holds more than ${maxDatasets.toLocaleString('en')} datasets.`);
    for (const name of names) {
      const entity = file.get(name);
      if (!(entity instanceof Dataset)) continue;
      const opened = openDataset(module, name, entity, { ...place, entry: name });
      if (typeof opened === 'string') refused.push({ name, why: opened });
      else arrays.push(opened);
    }
  } catch (error) {
    file.close();
    if (error instanceof Error && error.name === 'AppError') throw error;
    throw unreadable(place, `it is damaged or cut off (${firstLine(error)}).`, error);
  }
  return {
    format: 'HDF5',
    arrays,
    refused,
    async close() {
      file.close();
    },
  };
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0]!.slice(0, 200);
}
