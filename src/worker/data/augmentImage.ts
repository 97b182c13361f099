import type { AugmentationDraws, Box } from './augmentationDraws.ts';

export interface ImageShape {
  height: number;
  width: number;
  channels: number;
}

/**
 * Stretches a part of an image (height, width, channels) to the whole: bilinear between pixel middles, without smoothing,
 * as a part is never larger than the whole.
 */
export function stretchPart(
  from: ArrayLike<number>,
  { height, width, channels }: ImageShape,
  box: Box,
  into: Float32Array,
): void {
  const scaleY = box.height / height;
  const scaleX = box.width / width;
  for (let y = 0; y < height; y++) {
    const sourceY = Math.max(0, (y + 0.5) * scaleY - 0.5);
    const y0 = Math.floor(sourceY);
    const weightY = sourceY - y0;
    const row0 = (box.top + y0) * width;
    const row1 = (box.top + Math.min(y0 + 1, box.height - 1)) * width;
    for (let x = 0; x < width; x++) {
      const sourceX = Math.max(0, (x + 0.5) * scaleX - 0.5);
      const x0 = Math.floor(sourceX);
      const weightX = sourceX - x0;
      const column0 = box.left + x0;
      const column1 = box.left + Math.min(x0 + 1, box.width - 1);
      for (let c = 0; c < channels; c++) {
        const above =
          from[(row0 + column0) * channels + c]! * (1 - weightX) + from[(row0 + column1) * channels + c]! * weightX;
        const below =
          from[(row1 + column0) * channels + c]! * (1 - weightX) + from[(row1 + column1) * channels + c]! * weightX;
        into[(y * width + x) * channels + c] = above * (1 - weightY) + below * weightY;
      }
    }
  }
}

/** What each row of the window takes from the image; counts are in pixels, places in numbers. */
interface RowMoves {
  /** `count` pixels from `from` on, the next one `step` further, to `to` on */
  copy(from: number, step: number, to: number, count: number): void;
  /** what lies beyond the image */
  blank(to: number, count: number): void;
}

function eachRow(
  { height, width, channels }: ImageShape,
  { shiftY, shiftX, isFlipped }: AugmentationDraws,
  { copy, blank }: RowMoves,
): void {
  const count = Math.max(0, width - Math.abs(shiftX));
  // where the image begins in the window, and which of its pixels comes first
  const start = isFlipped ? Math.max(0, shiftX) : Math.max(0, -shiftX);
  const first = isFlipped ? width - 1 - start + shiftX : start + shiftX;
  const step = isFlipped ? -channels : channels;
  for (let y = 0; y < height; y++) {
    const to = y * width * channels;
    const sourceY = y + shiftY;
    if (sourceY < 0 || sourceY >= height || count === 0) {
      blank(to, width);
      continue;
    }
    blank(to, start);
    copy((sourceY * width + first) * channels, step, to + start * channels, count);
    blank(to + (start + count) * channels, width - start - count);
  }
}

/** Shifts and mirrors an image; what comes from beyond its edges is 0. */
export function moveImage(
  from: ArrayLike<number>,
  shape: ImageShape,
  draws: AugmentationDraws,
  into: Float32Array,
): void {
  const { channels } = shape;
  eachRow(shape, draws, {
    copy(source, step, target, count) {
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < channels; c++) into[target + i * channels + c] = from[source + i * step + c]!;
      }
    },
    blank: (to, count) => into.fill(0, to, to + count * channels),
  });
}

/** Shifts and mirrors an image of bytes, each of which becomes `levels[channel * 256 + byte]`. */
export function moveBytes(
  from: Uint8Array,
  shape: ImageShape,
  draws: AugmentationDraws,
  levels: Float32Array,
  into: Float32Array,
  at: number,
): void {
  const { channels } = shape;
  eachRow(shape, draws, {
    copy(source, step, target, count) {
      for (let c = 0; c < channels; c++) {
        const base = c * 256;
        let [read, write] = [source + c, at + target + c];
        for (let i = 0; i < count; i++) {
          into[write] = levels[base + from[read]!]!;
          read += step;
          write += channels;
        }
      }
    },
    blank(to, count) {
      for (let c = 0; c < channels; c++) {
        const black = levels[c * 256]!;
        for (let i = 0; i < count; i++) into[at + to + i * channels + c] = black;
      }
    },
  });
}

/** Luma of ITU-R BT.601. */
const [red, green, blue] = [0.299, 0.587, 0.114];

function greyOf(pixels: Float32Array, at: number, channels: number): number {
  return channels === 3 ? red * pixels[at]! + green * pixels[at + 1]! + blue * pixels[at + 2]! : pixels[at]!;
}

/**
 * Brightness, contrast, saturation, in this order, each cut to [low, high]: v * b; m + c * (v - m) with the mean grey m of
 * the image; g + s * (v - g) with the grey g of the pixel.
 */
export function jitterColors(
  pixels: Float32Array,
  channels: number,
  { brightness, contrast, saturation }: Pick<AugmentationDraws, 'brightness' | 'contrast' | 'saturation'>,
  [low, high]: readonly [number, number],
): void {
  const cut = (value: number): number => Math.min(high, Math.max(low, value));
  if (brightness !== 1) for (let i = 0; i < pixels.length; i++) pixels[i] = cut(pixels[i]! * brightness);
  if (contrast !== 1) {
    let sum = 0;
    for (let at = 0; at < pixels.length; at += channels) sum += greyOf(pixels, at, channels);
    const mean = sum / (pixels.length / channels);
    for (let i = 0; i < pixels.length; i++) pixels[i] = cut(mean + contrast * (pixels[i]! - mean));
  }
  if (saturation !== 1 && channels === 3) {
    for (let at = 0; at < pixels.length; at += channels) {
      const grey = greyOf(pixels, at, channels);
      for (let i = at; i < at + channels; i++) pixels[i] = cut(grey + saturation * (pixels[i]! - grey));
    }
  }
}

/** Sets the part of a box that lies in the image to 0. `at`: where the image begins. */
export function cutOut(pixels: Float32Array, at: number, { height, width, channels }: ImageShape, box: Box): void {
  const left = Math.max(0, box.left);
  const right = Math.min(width, box.left + box.width);
  for (let y = Math.max(0, box.top); y < Math.min(height, box.top + box.height); y++) {
    pixels.fill(0, at + (y * width + left) * channels, at + (y * width + Math.max(left, right)) * channels);
  }
}
