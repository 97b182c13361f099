import type { Numbers } from './storedArray.ts';

/** How a number is written in a file. */
export interface NumberType {
  kind: 'int' | 'uint' | 'float' | 'bool';
  bytes: 1 | 2 | 4 | 8;
  isBigEndian: boolean;
}

export function numberTypeName({ kind, bytes }: NumberType): string {
  return kind === 'bool' ? 'bool' : `${kind}${8 * bytes}`;
}

const isHostBig = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

/** The value of an IEEE 754 half-precision number: 1 sign, 5 exponent and 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15);
}

const halves = Float32Array.from({ length: 65_536 }, (_, bits) => halfToNumber(bits));

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const turned = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < size; i++) turned[at + i] = bytes[at + size - 1 - i]!;
  }
  return turned;
}

/** Whole numbers of 64 bits as the nearest float64. */
function wide(low: Uint32Array, isSigned: boolean): Float64Array {
  const numbers = new Float64Array(low.length / 2);
  for (let i = 0; i < numbers.length; i++) {
    const high = low[2 * i + 1]!;
    numbers[i] = (isSigned ? high | 0 : high) * 4_294_967_296 + low[2 * i]!;
  }
  return numbers;
}

/** The numbers that bytes write; as many as fit. Bytes that are not aligned are copied. */
export function decodeNumbers(bytes: Uint8Array, type: NumberType): Numbers {
  const { kind, bytes: size } = type;
  if (size === 1)
    return kind === 'int' ? Float64Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)) : bytes;
  const isForeign = type.isBigEndian !== isHostBig;
  const ordered = isForeign ? swapped(bytes, size) : bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = ordered;
  const count = ordered.length / size;
  if (kind === 'float') {
    if (size === 4) return new Float32Array(buffer, byteOffset, count);
    if (size === 8) return new Float64Array(buffer, byteOffset, count);
    return Float32Array.from(new Uint16Array(buffer, byteOffset, count), (bits) => halves[bits]!);
  }
  if (size === 8) return wide(new Uint32Array(buffer, byteOffset, 2 * count), kind === 'int');
  if (size === 4)
    return Float64Array.from(
      kind === 'int' ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count),
    );
  return Float64Array.from(
    kind === 'int' ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count),
  );
}
