import { decodeImage, type SampleImage } from '../../../../node/images/decodeImage.ts';
import type { DecodedBatch, ImageBytes } from './decodeMessages.ts';
import type { ImageReader } from './readImage.ts';

/** Formats that are decoded outside of JavaScript are decoded side by side. */
const atOnce = 3;

/** Reads and decodes images; those that cannot be decoded are told apart. */
export async function decodeBatch(
  images: readonly ImageBytes[],
  sample: SampleImage,
  reader: ImageReader,
): Promise<DecodedBatch> {
  const size = sample.width * sample.height * sample.channels;
  const pixels = new Uint8Array(images.length * size);
  const failed: DecodedBatch['failed'] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < images.length) {
      const index = next++;
      try {
        pixels.set(await decodeImage(reader.read(images[index]!), sample), index * size);
      } catch (error) {
        failed.push({ index, why: (error as Error).message });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failed.length === 0) return { pixels, failed };
  failed.sort((a, b) => a.index - b.index);
  const bad = new Set(failed.map(({ index }) => index));
  let kept = 0;
  for (let index = 0; index < images.length; index++) {
    if (!bad.has(index)) pixels.copyWithin(kept++ * size, index * size, (index + 1) * size);
  }
  return { pixels: pixels.slice(0, kept * size), failed };
}
