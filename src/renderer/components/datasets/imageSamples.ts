import type { DatasetPreview } from '../../../core/contract/datasets.ts';

/** Whether samples of a shape are drawn as pictures: height x width x channels, and more than a line of pixels. */
export function isImage(shape: readonly number[]): boolean {
  const [height = 1, width = 1] = shape;
  return shape.length === 3 && height > 1 && width > 1;
}

/** Channels that are colours; of any other number one is drawn at a time. */
export const hasColors = (channels: number): boolean => channels === 3 || channels === 4;

/** The values that are drawn darkest and brightest: 0 and 1 where all lie between them, else the extremes. */
export function valueRange({ samples }: DatasetPreview): [number, number] {
  let least = 0;
  let most = 1;
  for (const { values } of samples) {
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return [least, most];
}

/** Side of a picture on the screen, in pixels: the fewer there are, the larger they are drawn. */
export function sampleSize(count: number, [height = 1, width = 1]: readonly number[]): number {
  const wanted = Math.max(height, width);
  const most = count <= 4 ? 224 : count <= 20 ? 96 : 56;
  return Math.max(40, Math.min(most, wanted));
}
