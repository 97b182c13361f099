import { crc32, inflateSync } from 'node:zlib';
import { ImageProblem } from './imageProblem.ts';
import type { Pixels } from './pixels.ts';

/**
 * Small PNG files, of which datasets have tens of thousands, cost a general decoder five times more to set up than to
 * decode. This one takes those of 8 bits per channel without a palette, transparency key or interlacing.
 */

/** Larger images gain nothing. */
const mostPixels = 256 * 256;
/** colour type -> channels in the file */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** The pixels of a plain small PNG without its alpha; null for any other PNG. Throws ImageProblem when it is damaged. */
export function decodePlainPng(bytes: Uint8Array): Pixels | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(12) !== 0x49484452) return null;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const fileChannels = channelsOf[bytes[25]!];
  const isPlain = bytes[24] === 8 && bytes[26] === 0 && bytes[27] === 0 && bytes[28] === 0;
  if (!isPlain || fileChannels === undefined || width < 1 || height < 1 || width * height > mostPixels) return null;
  const packed = imageData(bytes, view);
  if (!packed) return null;
  const rowBytes = width * fileChannels;
  const size = height * (rowBytes + 1);
  let rows: Buffer;
  try {
    // in one piece: pieces of the usual size would be joined by a copy
    rows = inflateSync(packed, { maxOutputLength: size + 1, chunkSize: Math.max(64, size + 1) });
  } catch (error) {
    throw new ImageProblem(`its PNG data is damaged (${(error as Error).message})`, error);
  }
  if (rows.length !== size) throw new ImageProblem('its PNG data is cut off or too long for its size');
  unfilter(rows, height, rowBytes, fileChannels);
  return withoutAlpha(rows, { width, height, fileChannels });
}

/** The compressed data of all IDAT chunks; null where the file has a transparency key. */
function imageData(bytes: Uint8Array, view: DataView): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw new ImageProblem('it is cut off: the end of the PNG file is missing');
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw new ImageProblem('it is cut off in the middle of its PNG data');
    if (type === 0x74524e53) return null;
    const isCritical = (bytes[at + 4]! & 0x20) === 0;
    if (isCritical && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw new ImageProblem('its PNG data is damaged (a checksum differs)');
    }
    if (type === 0x49444154) parts.push(bytes.subarray(at + 8, end));
    if (type === 0x49454e44) break;
    at = end + 4;
  }
  if (parts.length === 0) throw new ImageProblem('its PNG data is damaged (it holds no pixels)');
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** Undoes the filter of each row in place (PNG specification, section 9). */
function unfilter(rows: Uint8Array, height: number, rowBytes: number, pixelBytes: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1;
    const end = start + rowBytes;
    const filter = rows[start - 1]!;
    // above the first row there are zeros
    const above = y === 0 ? 0 : rowBytes + 1;
    switch (filter) {
      case 0:
        break;
      case 1:
        addLeft(rows, start + pixelBytes, end, pixelBytes);
        break;
      case 2:
        if (above > 0) addAbove(rows, start, end, above);
        break;
      case 3:
        addMean(rows, start, end, { above, pixelBytes });
        break;
      case 4:
        if (above === 0) addLeft(rows, start + pixelBytes, end, pixelBytes);
        else {
          // left of the first pixel there are zeros, so that the one above is nearest
          addAbove(rows, start, start + pixelBytes, above);
          addNearest(rows, start + pixelBytes, end, { above, pixelBytes });
        }
        break;
      default:
        throw new ImageProblem(`its PNG data is damaged (row ${y} has the filter ${filter})`);
    }
  }
}

function addLeft(rows: Uint8Array, start: number, end: number, pixelBytes: number): void {
  for (let i = start; i < end; i++) rows[i]! += rows[i - pixelBytes]!;
}

function addAbove(rows: Uint8Array, start: number, end: number, above: number): void {
  for (let i = start; i < end; i++) rows[i]! += rows[i - above]!;
}

interface Neighbours {
  /** bytes to the one above; 0 in the first row */
  above: number;
  pixelBytes: number;
}

function addMean(rows: Uint8Array, start: number, end: number, { above, pixelBytes }: Neighbours): void {
  for (let i = start; i < end; i++) {
    const left = i - start >= pixelBytes ? rows[i - pixelBytes]! : 0;
    const up = above > 0 ? rows[i - above]! : 0;
    rows[i]! += (left + up) >> 1;
  }
}

/** Paeth's predictor: that of left, above and upper left which is nearest to left + above - upper left. */
function addNearest(rows: Uint8Array, start: number, end: number, { above, pixelBytes }: Neighbours): void {
  for (let i = start; i < end; i++) {
    const left = rows[i - pixelBytes]!;
    const up = rows[i - above]!;
    const upLeft = rows[i - above - pixelBytes]!;
    const toLeft = Math.abs(up - upLeft);
    const toUp = Math.abs(left - upLeft);
    const toUpLeft = Math.abs(left + up - 2 * upLeft);
    rows[i]! += toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
  }
}

function withoutAlpha(
  rows: Uint8Array,
  { width, height, fileChannels }: { width: number; height: number; fileChannels: number },
): Pixels {
  const channels = fileChannels > 2 ? 3 : 1;
  const data = new Uint8Array(width * height * channels);
  const rowBytes = width * fileChannels;
  for (let y = 0, to = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1;
    if (fileChannels === channels) {
      data.set(rows.subarray(start, start + rowBytes), y * rowBytes);
      continue;
    }
    for (let from = start; from < start + rowBytes; from += fileChannels) {
      for (let c = 0; c < channels; c++) data[to++] = rows[from + c]!;
    }
  }
  return { width, height, channels, data };
}
