import sharp, { type Metadata, type Sharp } from 'sharp';
import { decodeBmp, readBmpHeader } from './bmp.ts';
import { imageFormatOf, type ImageFormat } from './imageFormat.ts';
import { ImageProblem } from './imageProblem.ts';
import { withChannels, type Pixels } from './pixels.ts';
import { decodePlainPng } from './plainPng.ts';

// many images are decoded side by side, so that threads within one would only stand in each other's way
sharp.cache(false);
sharp.concurrency(1);
// only what is recognised here, no documents and vector images, which can name other files
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadTiffBuffer',
  ],
});

/** How an image of another size is fitted: cut at the edges, stretched, or with black bars. */
export type ImageFit = 'crop' | 'stretch' | 'pad';

/** What every sample of a dataset is. */
export interface SampleImage {
  width: number;
  height: number;
  channels: 1 | 3;
  fit: ImageFit;
}

export interface ImagePart {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface ImageFacts {
  format: ImageFormat;
  /** as it is shown, turned the way its EXIF data says */
  width: number;
  height: number;
  /** 1 for grey images */
  channels: 1 | 3;
}

const fits = { crop: 'cover', stretch: 'fill', pad: 'contain' } as const;
/** https://www.w3.org/TR/png/ and its kin allow sizes that no memory holds, which a header of a few bytes can claim */
export const mostPixels = 100_000_000;

function checkSize(width: number, height: number): void {
  if (width * height > mostPixels) {
    throw new ImageProblem(
      `it says that it is ${width} x ${height} pixels, more than the ${mostPixels / 1e6} million that are accepted`,
    );
  }
}

function formatOrThrow(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new ImageProblem('the file is empty (0 bytes)');
  const format = imageFormatOf(bytes);
  if (!format) throw new ImageProblem('it is not a PNG, JPEG, WebP, BMP, GIF or TIFF image');
  return format;
}

function open(bytes: Uint8Array): Sharp {
  // like PIL and torchvision: colour profiles of RGB images are not applied, harmless oddities are not errors
  return sharp(bytes, { failOn: 'error', limitInputPixels: mostPixels, ignoreIcc: true, pages: 1 });
}

/** The sentence of sharp without its parts for developers. */
function problemOf(format: ImageFormat, error: unknown): ImageProblem {
  if (error instanceof ImageProblem) return error;
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .split('\n')[0]!
    .replaceAll(/(?:Vips\w*|Input buffer has corrupt header):\s*/g, '')
    .trim();
  return new ImageProblem(`its ${format} data is damaged or cut off (${line})`, error);
}

function isGrey({ space, channels }: Metadata): boolean {
  return space === 'b-w' || space === 'grey16' || channels < 3;
}

/** Size and kind of an image by its header. Throws ImageProblem. */
export async function readImageFacts(bytes: Uint8Array): Promise<ImageFacts> {
  const format = formatOrThrow(bytes);
  if (format === 'BMP') {
    const { width, height, palette, bits, paletteEntryBytes: size } = readBmpHeader(bytes);
    checkSize(width, height);
    const isGreyPalette = bits <= 8 && palette.every((value, i) => i % size > 2 || value === palette[i - (i % size)]);
    return { format, width, height, channels: isGreyPalette ? 1 : 3 };
  }
  const metadata = await readMetadata(format, bytes);
  return { format, ...uprightSize(metadata), channels: isGrey(metadata) ? 1 : 3 };
}

async function readMetadata(format: ImageFormat, bytes: Uint8Array): Promise<Metadata> {
  try {
    // the limit is ours to check, so that the size can be named
    const metadata = await sharp(bytes, { failOn: 'error', limitInputPixels: false }).metadata();
    checkSize(metadata.width, metadata.pageHeight ?? metadata.height);
    return metadata;
  } catch (error) {
    throw problemOf(format, error);
  }
}

function uprightSize({ width, height, pageHeight, orientation = 1 }: Metadata): { width: number; height: number } {
  const shown = { width, height: pageHeight ?? height };
  return orientation >= 5 ? { width: shown.height, height: shown.width } : shown;
}

/** The whole image in its own size, of formats that are decoded here; null for all others. Throws ImageProblem. */
function decodeOwn(bytes: Uint8Array, format: ImageFormat): Pixels | null {
  if (format === 'PNG') return decodePlainPng(bytes);
  if (format !== 'BMP') return null;
  const { width, height } = readBmpHeader(bytes);
  checkSize(width, height);
  return decodeBmp(bytes);
}

async function decodeBySharp(
  bytes: Uint8Array,
  format: ImageFormat,
  shape: (image: Sharp, metadata: Metadata) => Sharp,
): Promise<Pixels> {
  const metadata = await readMetadata(format, bytes);
  const isDeep = metadata.depth === 'ushort';
  const isInk = metadata.space === 'cmyk';
  const shade = isGrey(metadata) ? (isDeep ? 'grey16' : 'b-w') : isDeep ? 'rgb16' : 'srgb';
  const image = isInk ? open(bytes).pipelineColourspace('cmyk') : open(bytes);
  try {
    const { data, info } = await shape(image.autoOrient(), metadata)
      .removeAlpha()
      .toColourspace(isInk ? 'cmyk' : shade)
      .raw({ depth: isDeep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const channels = info.channels as number;
    if (isInk && channels === 4) return { width, height, channels: 3, data: withoutInk(data) };
    if (channels !== 1 && channels !== 3) throw new ImageProblem(`it has ${channels} channels`);
    return { width, height, channels, data: isDeep ? upperBytes(data) : data };
  } catch (error) {
    throw problemOf(format, error);
  }
}

/** The upper 8 of 16 bits, as they lie in memory. */
function upperBytes(data: Buffer): Uint8Array {
  // a copy, since those of a buffer may begin anywhere
  const numbers = new Uint16Array(Uint8Array.from(data).buffer);
  return Uint8Array.from(numbers, (value) => value >> 8);
}

/** Red, green and blue of cyan, magenta, yellow and black without a profile, as Pillow computes them. */
function withoutInk(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4) {
    const light = 255 - inks[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = inks[from + c]! * light + 128;
      pixels[to++] = Math.max(0, light - ((product + (product >> 8)) >> 8));
    }
  }
  return pixels;
}

/** Parts and sizes by sharp, out of pixels that are decoded already. */
function fromPixels({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: mostPixels });
}

function fitted(image: Sharp, { width, height, fit }: SampleImage, part: ImagePart | null): Sharp {
  const cut = part ? image.extract(part) : image;
  return cut.resize({ width, height, fit: part ? 'fill' : fits[fit], background: '#000' });
}

/**
 * An image as the sample of a dataset: [height, width, channels] bytes. An image of that very size comes pixel by pixel as
 * it is; others are fitted (Lanczos). Alpha is dropped, 16 bits are cut to their upper 8, EXIF rotation is applied, of an
 * animation the first picture is taken. `partOf`: chooses a part by the size of the whole, which is then stretched to the
 * sample. Throws ImageProblem.
 */
export async function decodeImage(
  bytes: Uint8Array,
  sample: SampleImage,
  partOf: (size: { width: number; height: number }) => ImagePart | null = () => null,
): Promise<Uint8Array> {
  const format = formatOrThrow(bytes);
  const whole = decodeOwn(bytes, format);
  if (!whole) {
    const decoded = await decodeBySharp(bytes, format, (image, metadata) => {
      const size = uprightSize(metadata);
      const part = partOf(size);
      const isFitting = !part && size.width === sample.width && size.height === sample.height;
      return isFitting ? image : fitted(image, sample, part);
    });
    return withChannels(decoded, sample.channels);
  }
  return fitPixels(whole, sample, partOf(whole));
}

/** Pixels as the sample of a dataset, or a part of them stretched to it. */
export async function fitPixels(whole: Pixels, sample: SampleImage, part: ImagePart | null): Promise<Uint8Array> {
  if (!part && whole.width === sample.width && whole.height === sample.height) {
    return withChannels(whole, sample.channels);
  }
  const { data, info } = await fitted(fromPixels(whole), sample, part)
    .toColourspace(whole.channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return withChannels({ data, channels: info.channels as 1 | 3 }, sample.channels);
}
