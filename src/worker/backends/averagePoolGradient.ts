import type { GradConfig, Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from './device.ts';

/**
 * Replaces tfjs' gradient of average pooling and returns what puts it back. At a padded border a window holds fewer
 * numbers; tfjs 4.22.0 divides by how many there are on the way forward but by the window's full size on the way back,
 * on every backend. Weighting dY by full size / numbers there makes the gradient that of what was computed.
 */
export function correctAveragePoolGradient(tf: Tf): () => void {
  const stock = tf.getGradient('AvgPool');
  const corrected: GradConfig = {
    ...stock,
    gradFunc(dy, saved, attributes) {
      const weights = windowWeights(tf, saved[0]! as Tensor4D, attributes);
      const weighted = weights ? tf.mul(dy as Tensor, weights) : dy;
      return stock.gradFunc(weighted, saved, attributes);
    },
  };
  replace(tf, corrected);
  return () => replace(tf, stock);
}

function replace(tf: Tf, gradient: GradConfig): void {
  tf.unregisterGradient(gradient.kernelName);
  tf.registerGradient(gradient);
}

/** [1, outHeight, outWidth, 1]; undefined where every window is full. */
function windowWeights(tf: Tf, x: Tensor4D, attributes: Parameters<GradConfig['gradFunc']>[2]): Tensor | undefined {
  const info = tf.backend_util.computePool2DInfo(
    x.shape,
    attributes.filterSize as [number, number],
    attributes.strides as [number, number],
    1,
    attributes.pad as 'same',
    attributes.dimRoundingMode as 'floor',
  );
  const { filterHeight, filterWidth, outHeight, outWidth, padInfo } = info;
  const rows = fullness(outHeight, info.strideHeight, filterHeight, padInfo.top, info.inHeight);
  const columns = fullness(outWidth, info.strideWidth, filterWidth, padInfo.left, info.inWidth);
  if ([...rows, ...columns].every((share) => share === 1)) return undefined;
  const weights = rows.flatMap((row) => columns.map((column) => 1 / (row * column)));
  return tf.tensor4d(weights, [1, outHeight, outWidth, 1]);
}

/** For each window along one axis, the share of it that lies on the image. */
function fullness(windows: number, stride: number, size: number, before: number, length: number): number[] {
  return Array.from({ length: windows }, (_, index) => {
    const start = index * stride - before;
    return (Math.min(start + size, length) - Math.max(start, 0)) / size;
  });
}
