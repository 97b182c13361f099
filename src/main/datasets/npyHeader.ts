const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];

/** NumPy's name of an array's number type. */
export function npyType(numbers: Uint8Array | Float32Array | Int32Array): '|u1' | '<f4' | '<i4' {
  if (numbers instanceof Uint8Array) return '|u1';
  return numbers instanceof Float32Array ? '<f4' : '<i4';
}

/** The header of a .npy file, version 1.0, C order, padded so that the numbers begin at a multiple of 64 bytes. */
export function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = magic.length + 2;
  const length = Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix;
  const header = new Uint8Array(prefix + length);
  header.set(magic);
  new DataView(header.buffer).setUint16(magic.length, length, true);
  header.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), prefix);
  return header;
}

/** Where the numbers begin in a file that starts with a header as `npyHeader` makes it. */
export function npyDataOffset(file: Uint8Array): number {
  return magic.length + 2 + new DataView(file.buffer, file.byteOffset).getUint16(magic.length, true);
}
