import sharp from 'sharp';
import type { Evaluation } from '../../core/contract/results.ts';

/** Pixels of the shorter side below which a picture is enlarged, so that its pixels stay square and sharp on paper. */
const leastSide = 96;

/** Pictures of the worst samples as PNG files, by run id and row. */
export type SamplePictures = ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;

/** The worst samples as PNG files by row; empty where samples are no pictures. */
export async function samplePictures({ shape, worst }: Evaluation): Promise<Map<number, Uint8Array>> {
  const [height, width, channels] = shape;
  const pictures = new Map<number, Uint8Array>();
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) return pictures;
  const factor = Math.max(1, Math.ceil(leastSide / Math.min(height!, width!)));
  for (const { row, values } of worst) {
    if (values.length !== height! * width! * channels) continue;
    // stored numbers lie between 0 and 1 as a rule; others are stretched to be seen at all
    const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
    const pixels = Uint8Array.from(values, (value) => Math.round((255 * (value - low)) / (high - low)));
    const png = await sharp(pixels, { raw: { width: width!, height: height!, channels } })
      .resize({ width: width! * factor, height: height! * factor, kernel: 'nearest' })
      .png({ compressionLevel: 9 })
      .toBuffer();
    pictures.set(row, png);
  }
  return pictures;
}
