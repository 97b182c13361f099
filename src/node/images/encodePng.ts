import sharp from 'sharp';
import type { Pixels } from './pixels.ts';

/** A PNG of an image, made smaller where a side is longer than `mostSide`. */
export function encodePng({ data, width, height, channels }: Pixels, mostSide: number): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels } });
  const isSmall = Math.max(width, height) <= mostSide;
  const shown = isSmall ? image : image.resize({ width: mostSide, height: mostSide, fit: 'inside' });
  return shown.png().toBuffer();
}
