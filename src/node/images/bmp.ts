import { ImageProblem } from './imageProblem.ts';
import type { Pixels } from './pixels.ts';

/** What the header of a BMP file says. */
export interface BmpHeader {
  width: number;
  height: number;
  /** rows run from the bottom, as they mostly do */
  isBottomUp: boolean;
  bits: number;
  compression: number;
  pixelsAt: number;
  /** blue, green, red and a filler (or none) each, by index */
  palette: Uint8Array;
  paletteEntryBytes: number;
  /** bits of red, green and blue in a pixel of 16 or 32 bits */
  masks: readonly [number, number, number];
}

const [rgb, rle8, rle4, bitFields, alphaBitFields] = [0, 1, 2, 3, 6];
const damaged = (why: string): ImageProblem => new ImageProblem(`its BMP data is damaged (${why})`);

/** Reads the header of a BMP of any version since OS/2. Throws ImageProblem. */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) throw damaged('its header is cut off');
  const headerBytes = view.getUint32(14, true);
  const isOld = headerBytes === 12;
  if ((!isOld && headerBytes < 40) || 14 + headerBytes > bytes.length) throw damaged('its header is cut off');
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? rgb! : view.getUint32(30, true);
  if (width < 1 || signedHeight === 0) throw damaged(`its size is ${width} x ${signedHeight}`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw damaged(`it has ${bits} bits per pixel`);
  const fits =
    compression === rgb ||
    (compression === rle8 && bits === 8) ||
    (compression === rle4 && bits === 4) ||
    ((compression === bitFields || compression === alphaBitFields) && (bits === 16 || bits === 32));
  if (!fits)
    throw new ImageProblem(`it is a BMP of compression ${compression}, which is not supported: save it as PNG`);
  const hasMasks = compression === bitFields || compression === alphaBitFields;
  // in files of the first version the masks follow the header, in later ones they are part of it
  if (hasMasks && bytes.length < 66) throw damaged('its header is cut off');
  const masks: BmpHeader['masks'] = hasMasks
    ? [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)]
    : bits === 16
      ? [0x7c00, 0x03e0, 0x001f]
      : [0xff0000, 0x00ff00, 0x0000ff];
  const paletteEntryBytes = isOld ? 3 : 4;
  const maskBytes = hasMasks && headerBytes === 40 ? (compression === bitFields ? 12 : 16) : 0;
  const paletteAt = 14 + headerBytes + maskBytes;
  const named = isOld ? 0 : view.getUint32(46, true);
  const colors = bits > 8 ? 0 : Math.min(named || 2 ** bits, 2 ** bits);
  return {
    width,
    height: Math.abs(signedHeight),
    isBottomUp: signedHeight > 0,
    bits,
    compression,
    pixelsAt: view.getUint32(10, true),
    palette: bytes.subarray(paletteAt, paletteAt + colors * paletteEntryBytes),
    paletteEntryBytes,
    masks,
  };
}

/** The pixels of a BMP without alpha; grey where its palette is grey. Throws ImageProblem. */
export function decodeBmp(bytes: Uint8Array): Pixels {
  const header = readBmpHeader(bytes);
  if (header.bits <= 8) return paletteImage(bytes, header);
  const { width, height, bits, isBottomUp, masks, pixelsAt } = header;
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (pixelsAt + rowBytes * height > bytes.length)
    throw new ImageProblem('it is cut off in the middle of its BMP data');
  const data = new Uint8Array(width * height * 3);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shifts = masks.map((mask) => Math.max(0, 31 - Math.clz32(mask & -mask)));
  const highest = masks.map((mask, c) => mask >>> shifts[c]!);
  for (let y = 0, to = 0; y < height; y++) {
    const start = pixelsAt + (isBottomUp ? height - 1 - y : y) * rowBytes;
    for (let x = 0; x < width; x++) {
      if (bits === 24) {
        const from = start + 3 * x;
        data[to++] = bytes[from + 2]!;
        data[to++] = bytes[from + 1]!;
        data[to++] = bytes[from]!;
        continue;
      }
      const pixel = bits === 16 ? view.getUint16(start + 2 * x, true) : view.getUint32(start + 4 * x, true);
      for (let c = 0; c < 3; c++) {
        const value = (pixel & masks[c]!) >>> shifts[c]!;
        data[to++] = highest[c] ? Math.trunc((value * 255) / highest[c]!) : 0;
      }
    }
  }
  return { width, height, channels: 3, data };
}

function paletteImage(bytes: Uint8Array, header: BmpHeader): Pixels {
  const { width, height, isBottomUp, palette, paletteEntryBytes: size } = header;
  const colors = Math.floor(palette.length / size);
  const indices = header.compression === rgb ? packedIndices(bytes, header) : runIndices(bytes, header);
  const isGrey = Array.from({ length: colors }, (_, i) => i * size).every(
    (at) => palette[at] === palette[at + 1] && palette[at] === palette[at + 2],
  );
  const channels = isGrey ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    const start = (isBottomUp ? height - 1 - y : y) * width;
    for (let x = 0; x < width; x++) {
      const index = indices[start + x]!;
      if (index >= colors) throw damaged(`a pixel has the colour ${index}, and there are ${colors}`);
      for (let c = 0; c < channels; c++) data[to++] = palette[index * size + 2 - c]!;
    }
  }
  return { width, height, channels, data };
}

/** Palette indices of 1, 4 or 8 bits in the file's order of rows. */
function packedIndices(bytes: Uint8Array, { width, height, bits, pixelsAt }: BmpHeader): Uint8Array {
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (pixelsAt + rowBytes * height > bytes.length)
    throw new ImageProblem('it is cut off in the middle of its BMP data');
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = bytes[pixelsAt + y * rowBytes + Math.floor(x / perByte)]!;
      indices[y * width + x] = (byte >> (8 - bits * ((x % perByte) + 1))) & mask;
    }
  }
  return indices;
}

/** Palette indices of run-length coded data in the file's order of rows; what is skipped has index 0. */
function runIndices(bytes: Uint8Array, { width, height, bits, pixelsAt }: BmpHeader): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, pixelsAt];
  const put = (index: number): void => {
    if (x < width && y < height) indices[y * width + x] = index;
    x++;
  };
  const indexOf = (byte: number, i: number): number => (bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  for (;;) {
    if (at + 1 >= bytes.length) throw new ImageProblem('it is cut off in the middle of its BMP data');
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(indexOf(value, i));
    } else if (value === 0) {
      [x, y] = [0, y + 1];
      // whatever comes after the last row can only be the end
      if (y > height) throw damaged('it has more rows than its header says');
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const literal = bits === 8 ? value : Math.ceil(value / 2);
      for (let i = 0; i < value; i++) put(indexOf(bytes[at + Math.floor(bits === 8 ? i : i / 2)] ?? 0, i));
      at += literal + (literal % 2);
    }
  }
}
