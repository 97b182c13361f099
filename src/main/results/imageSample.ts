import { stat } from 'node:fs/promises';
import sharp from 'sharp';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';

const maxPixels = 100_000_000;
const maxFileBytes = 512 * 2 ** 20;

/**
 * One image file as a sample of a dataset, in the dataset's stored units: turned upright, cut to its proportions, in its
 * size and channels. Throws `fileUnreadable`, or `shapeMismatch` where the dataset has no images.
 */
export async function readImageSample(file: string, meta: DatasetMeta): Promise<Float32Array> {
  const [height, width, channels] = meta.shape;
  if (meta.shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new AppError(
      'shapeMismatch',
      `${file}: the model takes samples of shape [${meta.shape.join(', ')}], not pictures.`,
    );
  }
  try {
    const { size } = await stat(file);
    if (size > maxFileBytes) throw new Error(`it has ${size} bytes, more than an image may have here`);
    const image = sharp(file, { limitInputPixels: maxPixels, failOn: 'error', pages: 1 })
      .rotate()
      .flatten({ background: 'black' })
      .resize({ width: width!, height: height!, fit: 'cover' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb');
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    // a model learned from numbers whose brightest is 1 after scaling, whatever a file stores
    const unit = 1 / 255 / meta.scale;
    const sample = new Float32Array(height! * width! * channels);
    for (let pixel = 0; pixel < height! * width!; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        const source = pixel * info.channels + Math.min(channel, info.channels - 1);
        sample[pixel * channels + channel] = data[source]! * unit;
      }
    }
    return sample;
  } catch (error) {
    throw new AppError('fileUnreadable', `${file} is no image that can be read: ${(error as Error).message}`, {
      details: { path: file },
      cause: error,
    });
  }
}
