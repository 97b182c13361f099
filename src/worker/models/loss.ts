import type * as tfjs from '@tensorflow/tfjs';
import type { Task } from '../../core/contract/datasets.ts';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import { AppError } from '../../core/errors.ts';
import type { Tf } from '../backends/device.ts';

export type LossKind = 'crossEntropy' | 'mse' | 'mae';

/** The loss of a run. Throws AppError `badConfig` where loss and task do not go together. */
export function lossOf(config: RunConfig, task: Task): LossKind {
  if (config.loss === 'auto') return task === 'classes' ? 'crossEntropy' : 'mse';
  if ((config.loss === 'crossEntropy') !== (task === 'classes')) {
    const wanted = task === 'classes' ? 'crossEntropy' : 'mse or mae';
    throw new AppError(
      'badConfig',
      `The loss ${config.loss} does not suit the dataset ${config.dataset.id}, whose task is ${task}; use ${wanted}, or auto.`,
    );
  }
  return config.loss;
}

/**
 * Mean loss of a batch. `targets` is one-hot [batch, classes] for cross-entropy, else [batch, targets].
 *   crossEntropy  -mean_i sum_c y_ic log softmax(z_i)_c
 *   mse           mean over all elements of (z - y)^2
 *   mae           mean over all elements of |z - y|
 */
export function lossValue(tf: Tf, kind: LossKind, output: tfjs.Tensor2D, targets: tfjs.Tensor2D): tfjs.Scalar {
  return tf.tidy(() => {
    if (kind === 'mse') return tf.mean(tf.square(tf.sub(output, targets)));
    if (kind === 'mae') return tf.mean(tf.abs(tf.sub(output, targets)));
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(output)), 1)));
  }) as tfjs.Scalar;
}

/** Rows whose largest logit is at the target's class, as a float scalar. For regression: the summed absolute error per row. */
export function scoreSum(tf: Tf, kind: LossKind, output: tfjs.Tensor2D, targets: tfjs.Tensor2D): tfjs.Scalar {
  return tf.tidy(() => {
    if (kind !== 'crossEntropy') return tf.sum(tf.mean(tf.abs(tf.sub(output, targets)), 1));
    return tf.sum(tf.cast(tf.equal(tf.argMax(output, 1), tf.argMax(targets, 1)), 'float32'));
  }) as tfjs.Scalar;
}
