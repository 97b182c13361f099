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
  const states = new Float64Array(2 * images.length).fill(Number.NaN);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < images.length) {
      const index = next++;
      try {
        const bytes = readNoting(reader, images[index]!, states.subarray(2 * index));
        pixels.set(await decodeImage(bytes, sample), index * size);
      } catch (error) {
        failed.push({ index, why: (error as Error).message });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failed.length === 0) return { pixels, failed, states };
  failed.sort((a, b) => a.index - b.index);
  const bad = new Set(failed.map(({ index }) => index));
  let kept = 0;
  for (let index = 0; index < images.length; index++) {
    if (!bad.has(index)) pixels.copyWithin(kept++ * size, index * size, (index + 1) * size);
  }
  return { pixels: pixels.slice(0, kept * size), failed, states };
}

function readNoting(reader: ImageReader, image: ImageBytes, state: Float64Array): Uint8Array {
  try {
    return reader.read(image);
  } finally {
    if (reader.lastState) state.set([reader.lastState.size, reader.lastState.mtimeMs]);
  }
}
