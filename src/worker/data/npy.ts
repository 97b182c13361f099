import { AppError } from '../../core/errors.ts';

/** What a .npy header says, and where the numbers begin. */
export interface NpyHeader {
  /** NumPy's type string: "|u1", "<f4", "<i4" */
  descr: string;
  shape: number[];
  dataOffset: number;
}

/**
 * Reads the header of a .npy file (versions 1 to 3) in C order from the file's first bytes. Throws AppError
 * `datasetCorrupt` naming the file.
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const bad = (why: string): never => {
    throw new AppError(
      'datasetCorrupt',
      `${file} is not a .npy file this program can read: ${why}. Import the dataset again.`,
    );
  };
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) bad('its first bytes are not those of NumPy');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isShort = bytes[6] === 1;
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = isShort ? 10 : 12;
  if (start + length > bytes.length) bad('its header is cut off');
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const descr = /'descr':\s*'([^']+)'/.exec(text)?.[1] ?? bad('its header names no type');
  if (/'fortran_order':\s*True/.test(text)) bad('it is in Fortran order');
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1] ?? bad('its header names no shape');
  return {
    descr,
    shape: shape
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(Number),
    dataOffset: start + length,
  };
}
