import type { FileHandle } from 'node:fs/promises';
import { unreadable, type Place } from '../importErrors.ts';
import { decodeNumbers, numberTypeName, type NumberType } from './numberType.ts';
import { rowSizeOf, sizeOf, type Numbers, type StoredArray } from './storedArray.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeaderBytes = 2 ** 20;
const maxTextBytes = 4_096;

/** A stretch of an open file. */
export interface Bytes {
  handle: FileHandle;
  offset: number;
  length: number;
  place: Place;
}

export async function readAt(
  { handle, offset, length, place }: Bytes,
  position: number,
  count: number,
): Promise<Uint8Array> {
  if (position + count > length) throw unreadable(place, 'it is cut off.');
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const { bytesRead } = await handle.read(bytes, at, count - at, offset + position + at);
    if (bytesRead === 0) throw unreadable(place, 'it is cut off, or became shorter while it was read.');
    at += bytesRead;
  }
  return bytes;
}

interface Header {
  descr: string;
  isFortran: boolean;
  shape: number[];
  dataOffset: number;
}

async function readHeader(bytes: Bytes): Promise<Header> {
  const { place } = bytes;
  const head = await readAt(bytes, 0, Math.min(12, bytes.length));
  if (head.length < 10 || magic.some((byte, i) => head[i] !== byte)) {
    throw unreadable(place, 'it does not begin as a .npy file does.');
  }
  const view = new DataView(head.buffer);
  const version = head[6]!;
  if (version < 1 || version > 3) throw unreadable(place, `it is of the .npy version ${version}, which is not known.`);
  const isShort = version === 1;
  if (!isShort && head.length < 12) throw unreadable(place, 'it is cut off.');
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = isShort ? 10 : 12;
  if (length > maxHeaderBytes)
    throw unreadable(place, `its header claims to be ${length.toLocaleString('en')} bytes long.`);
  const text = Buffer.from(await readAt(bytes, start, length)).toString(version === 3 ? 'utf8' : 'latin1');
  const isFortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\dL,\s]*)\)/.exec(text)?.[1];
  const descr = /'descr':\s*('[^']*'|\[)/.exec(text)?.[1];
  if (isFortran === undefined || shape === undefined || descr === undefined) {
    throw unreadable(place, 'its .npy header is damaged.');
  }
  if (descr === '[') {
    throw unreadable(
      place,
      'it is a structured array (several fields per entry): save its fields as arrays of their own, for example with np.savez(file, **{name: a[name] for name in a.dtype.names}).',
    );
  }
  return {
    descr: descr.slice(1, -1),
    isFortran: isFortran === 'True',
    shape: shape
      .split(',')
      .map((part) => part.replace('L', '').trim())
      .filter((part) => part !== '')
      .map(Number),
    dataOffset: start + length,
  };
}

type ElementType =
  { kind: 'number'; type: NumberType } | { kind: 'text'; bytes: number; unit: 1 | 4; isBigEndian: boolean };

function elementType(descr: string, place: Place): ElementType {
  const [, order = '', code = '', digits = ''] = /^([<>|=]?)([a-zA-Z?])(\d*)/.exec(descr) ?? [];
  const bytes = code === '?' ? 1 : Number(digits);
  const isBigEndian = order === '>';
  const kinds: Record<string, NumberType['kind']> = { i: 'int', u: 'uint', f: 'float', b: 'bool', '?': 'bool' };
  const kind = kinds[code];
  const isSize = bytes === 2 || bytes === 4 || bytes === 8 || (bytes === 1 && kind !== 'float');
  if (kind && isSize && (kind !== 'bool' || bytes === 1))
    return { kind: 'number', type: { kind, bytes: bytes as 1, isBigEndian } };
  if ((code === 'U' || code === 'S') && bytes > 0 && bytes <= maxTextBytes) {
    return { kind: 'text', bytes: code === 'U' ? 4 * bytes : bytes, unit: code === 'U' ? 4 : 1, isBigEndian };
  }
  if (code === 'O') {
    throw unreadable(
      place,
      'it holds Python objects (dtype object), which are never unpickled here: save it as numbers or text, for example np.save(file, a.astype("float32"), allow_pickle=False).',
    );
  }
  throw unreadable(
    place,
    `its numbers are of the type "${descr.slice(0, 40)}", which cannot be imported: convert them to float32 or an integer type first.`,
  );
}

function decodeText(
  bytes: Uint8Array,
  { bytes: size, unit, isBigEndian }: Extract<ElementType, { kind: 'text' }>,
): string[] {
  const count = bytes.length / size;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => {
    if (unit === 1)
      return Buffer.from(bytes.subarray(i * size, (i + 1) * size))
        .toString('utf8')
        .replace(/\0+$/, '');
    let text = '';
    for (let at = i * size; at < (i + 1) * size; at += 4) {
      const code = view.getUint32(at, !isBigEndian);
      text += code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
    }
    return text.replace(/\0+$/, '');
  });
}

/** Where, counted in numbers, the elements of one row lie in Fortran order, in the C order of the row. */
function fortranOffsets(shape: readonly number[]): Float64Array {
  const [rows = 0, ...rest] = shape;
  const strides: number[] = [];
  let stride = rows;
  for (const size of rest) {
    strides.push(stride);
    stride *= size;
  }
  const offsets = new Float64Array(sizeOf(rest));
  const index = rest.map(() => 0);
  let offset = 0;
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = offset;
    for (let axis = rest.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < rest[axis]!) break;
      offset -= strides[axis]! * rest[axis]!;
      index[axis] = 0;
    }
  }
  return offsets;
}

/** Most numbers of a row of a Fortran-ordered array, which is gathered number by number. */
const maxFortranRow = 4_000_000;

/** Opens a .npy file whose bytes lie on the disk. Throws `fileUnreadable` when the header and the bytes do not fit. */
export async function openNpy(name: string, bytes: Bytes): Promise<StoredArray> {
  const { place } = bytes;
  const { descr, isFortran, shape, dataOffset } = await readHeader(bytes);
  const element = elementType(descr, place);
  const itemBytes = element.kind === 'number' ? element.type.bytes : element.bytes;
  const needed = sizeOf(shape) * itemBytes;
  const held = bytes.length - dataOffset;
  if (!Number.isSafeInteger(needed) || needed !== held) {
    const what = needed > held ? 'is cut off, or its header lies' : 'holds more than its header says';
    throw unreadable(
      place,
      `it ${what}: the shape (${shape.join(', ')}) of ${descr} needs ${needed.toLocaleString('en')} bytes, and there are ${held.toLocaleString('en')}.`,
    );
  }
  const rowSize = rowSizeOf({ shape });
  const rowBytes = rowSize * itemBytes;
  const offsets =
    isFortran && rowSize > 1 && shape.length > 1 ? (rowSize > maxFortranRow ? null : fortranOffsets(shape)) : undefined;
  if (offsets === null)
    throw unreadable(place, 'its rows are too long to be read in Fortran order: save np.ascontiguousarray(a).');
  const rowsOf = async (first: number, count: number): Promise<Uint8Array> =>
    readAt(bytes, dataOffset + first * rowBytes, count * rowBytes);

  return {
    name,
    place,
    shape,
    type: element.kind === 'number' ? numberTypeName(element.type) : 'text',
    kind: element.kind === 'text' ? 'text' : element.type.kind === 'float' ? 'float' : 'integer',
    isBoolean: element.kind === 'number' && element.type.kind === 'bool',
    async rows(first, count) {
      if (element.kind !== 'number') throw new Error(`${name} holds text`);
      if (!offsets) return decodeNumbers(await rowsOf(first, count), element.type);
      let gathered: Numbers | undefined;
      for (let i = 0; i < rowSize; i++) {
        const numbers = decodeNumbers(
          await readAt(bytes, dataOffset + (offsets[i]! + first) * itemBytes, count * itemBytes),
          element.type,
        );
        gathered ??= new (numbers.constructor as new (length: number) => Numbers)(count * rowSize);
        for (let row = 0; row < count; row++) gathered[row * rowSize + i] = numbers[row]!;
      }
      return gathered!;
    },
    async texts(first, count) {
      if (element.kind !== 'text' || rowSize !== 1) throw new Error(`${name} holds no single text per row`);
      return decodeText(await rowsOf(first, count), element);
    },
  };
}
