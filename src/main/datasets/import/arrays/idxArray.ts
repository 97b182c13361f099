import { unreadable } from '../importErrors.ts';
import { decodeNumbers, numberTypeName, type NumberType } from './numberType.ts';
import { readAt, type Bytes } from './npyArray.ts';
import { rowSizeOf, sizeOf, type StoredArray } from './storedArray.ts';

const types: Record<number, NumberType> = {
  0x08: { kind: 'uint', bytes: 1, isBigEndian: true },
  0x09: { kind: 'int', bytes: 1, isBigEndian: true },
  0x0b: { kind: 'int', bytes: 2, isBigEndian: true },
  0x0c: { kind: 'int', bytes: 4, isBigEndian: true },
  0x0d: { kind: 'float', bytes: 4, isBigEndian: true },
  0x0e: { kind: 'float', bytes: 8, isBigEndian: true },
};

/**
 * Opens an IDX file, the format of MNIST: two zeros, the type, the number of axes, the size of each axis as big-endian int32,
 * then the numbers, big-endian in C order. Throws `fileUnreadable`.
 */
export async function openIdx(name: string, bytes: Bytes): Promise<StoredArray> {
  const { place } = bytes;
  const head = await readAt(bytes, 0, Math.min(4, bytes.length));
  const type = types[head[2] ?? 0];
  const axes = head[3] ?? 0;
  if (head[0] !== 0 || head[1] !== 0 || !type || axes < 1 || axes > 8)
    throw unreadable(place, 'its IDX header is damaged.');
  const sizes = new DataView((await readAt(bytes, 4, 4 * axes)).buffer);
  const shape = Array.from({ length: axes }, (_, i) => sizes.getUint32(4 * i));
  const start = 4 + 4 * axes;
  const needed = sizeOf(shape) * type.bytes;
  const held = bytes.length - start;
  if (needed !== held) {
    const what = needed > held ? 'is cut off, or its header lies' : 'holds more than its header says';
    throw unreadable(
      place,
      `it ${what}: the shape (${shape.join(', ')}) needs ${needed.toLocaleString('en')} bytes, and there are ${held.toLocaleString('en')}.`,
    );
  }
  const rowBytes = rowSizeOf({ shape }) * type.bytes;
  return {
    name,
    place,
    shape,
    type: numberTypeName(type),
    kind: type.kind === 'float' ? 'float' : 'integer',
    isBoolean: false,
    rows: async (first, count) => decodeNumbers(await readAt(bytes, start + first * rowBytes, count * rowBytes), type),
    texts: () => Promise.reject(new Error(`${name} holds numbers`)),
  };
}
