import { AppError } from '../../core/errors.ts';

/** A named array of a .safetensors file. */
export interface StoredTensor {
  dtype: 'F32' | 'U32';
  shape: number[];
  values: Float32Array | Uint32Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * The safetensors format: 8 bytes little-endian header length, a JSON header padded with spaces to a multiple of 8
 * bytes, then the arrays one after the other. Names are written in the order given.
 */
export function encodeSafetensors(tensors: Readonly<Record<string, StoredTensor>>): Uint8Array {
  const header: Record<string, HeaderEntry> = {};
  let offset = 0;
  for (const [name, { dtype, shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const { values } of Object.values(tensors)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    position += values.byteLength;
  }
  return bytes;
}

/** The inverse of `encodeSafetensors`. Throws AppError `checkpointCorrupt` naming `file`. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Record<string, StoredTensor> {
  const corrupt = (why: string): AppError =>
    new AppError('checkpointCorrupt', `The checkpoint file ${file} is damaged: ${why}.`);
  if (bytes.length < 8) throw corrupt('it is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - 8) throw corrupt('its header is cut off');
  let header: Record<string, HeaderEntry>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<string, HeaderEntry>;
  } catch {
    throw corrupt('its header is not JSON');
  }
  const data = bytes.subarray(8 + headerLength);
  const tensors: Record<string, StoredTensor> = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [start, end],
    },
  ] of Object.entries(header)) {
    if (dtype !== 'F32' && dtype !== 'U32') throw corrupt(`${name} has the unknown type ${dtype}`);
    const size = shape.reduce((product, n) => product * n, 1);
    if (!(start >= 0 && end <= data.length && end - start === size * 4)) throw corrupt(`${name} lies outside the file`);
    // a Buffer's own slice would share memory, and views need their own alignment
    const copy = Uint8Array.from(data.subarray(start, end));
    tensors[name] = {
      dtype,
      shape,
      values: dtype === 'F32' ? new Float32Array(copy.buffer) : new Uint32Array(copy.buffer),
    };
  }
  return tensors;
}
