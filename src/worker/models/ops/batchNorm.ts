import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { Tf } from '../../backends/device.ts';

export interface BatchNormResult {
  /** same shape as the input */
  y: Tensor;
  /** [channels]: mean of this batch; no gradient flows through it */
  mean: Tensor1D;
  /** [channels]: biased variance of this batch (divided by the count); no gradient flows through it */
  variance: Tensor1D;
}

/**
 * Batch normalisation over all axes but the last, as in training:
 *   y = gamma (x - mean) / sqrt(variance + epsilon) + beta
 * with the mean and the biased variance of this batch (S. Ioffe, C. Szegedy, 2015). The gradient is written out,
 *   dx = gamma r (dy - mean(dy) - xhat mean(dy xhat)),  r = 1 / sqrt(variance + epsilon),
 * because tfjs' own composition tiles every statistic to the full size. Gradients reach x, gamma and beta, not epsilon.
 * The caller disposes (or tidies) all three results.
 */
export function trainingBatchNorm(tf: Tf, x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): BatchNormResult {
  if (tf.getKernel('TrainingBatchNorm', tf.getBackend())) {
    const results = tf.engine().runKernel('TrainingBatchNorm', { x, gamma, beta }, { epsilon }) as Tensor[];
    const [y, mean, variance, inverseDeviation] = results as [Tensor, Tensor1D, Tensor1D, Tensor];
    inverseDeviation.dispose();
    return { y, mean, variance };
  }
  const channels = x.shape.at(-1)!;
  const count = x.size / channels;
  // Taken outside the custom gradient, which therefore sees them as constants and states their part itself.
  const mean = tf.tidy(() => tf.mean(tf.reshape(x, [count, channels]), 0)) as Tensor1D;
  const variance = tf.tidy(() => {
    const rows = tf.reshape(x, [count, channels]);
    return tf.mean(tf.square(tf.sub(rows, mean)), 0);
  }) as Tensor1D;

  const normalise = tf.customGrad((...inputs) => {
    const [x0, gamma0, beta0, save] = inputs as unknown as [Tensor, Tensor, Tensor, (saved: Tensor[]) => void];
    const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
    const xHat = tf.mul(tf.sub(tf.reshape(x0, [count, channels]), mean), inverseDeviation);
    save([xHat, inverseDeviation, gamma0]);
    return {
      value: tf.reshape(tf.add(tf.mul(xHat, gamma0), beta0), x0.shape),
      gradFunc: (dy: Tensor, saved: Tensor[]) => batchNormGradient(tf, dy, saved[0]!, saved[1]!, saved[2]!),
    };
  });
  return { y: normalise(x, gamma, beta), mean, variance };
}

function batchNormGradient(tf: Tf, dy: Tensor, xHat: Tensor, inverseDeviation: Tensor, gamma: Tensor): Tensor[] {
  const [count] = xHat.shape as [number, number];
  const dyRows = tf.reshape(dy, xHat.shape);
  const dBeta = tf.sum(dyRows, 0);
  const dGamma = tf.sum(tf.mul(dyRows, xHat), 0);
  const means = tf.add(tf.div(dBeta, count), tf.mul(xHat, tf.div(dGamma, count)));
  const dx = tf.mul(tf.sub(dyRows, means), tf.mul(inverseDeviation, gamma));
  return [tf.reshape(dx, dy.shape), dGamma, dBeta];
}
