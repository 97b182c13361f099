import type * as tfjs from '@tensorflow/tfjs';
import type { Tf, UpdateNorms } from '../backends/device.ts';

export interface StepStats extends UpdateNorms {
  loss: number;
  /** correct rows of the batch, or the summed absolute error of a regression */
  score: number;
}

/** The numbers of a step that a device may still be computing. Reading them, once, disposes of them. */
export interface PendingStats {
  /**
   * Read one after the other they are: loss, score, then sums of squares in threes (gradient, update, weight before the
   * update), which are parts of the whole.
   */
  tensors: readonly tfjs.Tensor[];
  /** sums of squares that are numbers already */
  known: UpdateNorms;
}

export const noNorms: UpdateNorms = { gradSquared: 0, updateSquared: 0, weightSquared: 0 };

export function addNorms(a: UpdateNorms, b: UpdateNorms): UpdateNorms {
  return {
    gradSquared: a.gradSquared + b.gradSquared,
    updateSquared: a.updateSquared + b.updateSquared,
    weightSquared: a.weightSquared + b.weightSquared,
  };
}

/** All numbers in one tensor, so that many steps can be read at once. Takes the place of what it was given. */
export function packStats(tf: Tf, pending: PendingStats): PendingStats {
  const [loss, score, ...norms] = pending.tensors;
  const packed = tf.tidy(() => {
    const parts = norms.map((tensor) => tf.reshape(tensor, [-1, 3]));
    const sums = parts.length === 0 ? tf.zeros([3]) : tf.sum(tf.concat(parts, 0), 0);
    return tf.concat([tf.stack([loss!, score!]), sums]);
  });
  tf.dispose([...pending.tensors]);
  return { tensors: [packed], known: pending.known };
}

/** Reads the numbers of several steps, in one go where each has them in one tensor, and disposes of the tensors. */
export async function readStats(tf: Tf, pending: readonly PendingStats[]): Promise<StepStats[]> {
  try {
    if (pending.length > 1 && pending.every(({ tensors }) => tensors.length === 1)) {
      const all = tf.stack(pending.map(({ tensors }) => tensors[0]!));
      const values = await all.data().finally(() => all.dispose());
      const width = values.length / pending.length;
      return pending.map(({ known }, i) => statsOf(values.subarray(i * width, (i + 1) * width), known));
    }
    return await Promise.all(
      pending.map(async ({ tensors, known }) => {
        const values = await Promise.all(tensors.map((tensor) => tensor.data()));
        return statsOf(values.length === 1 ? values[0]! : values.flatMap((each) => [...each]), known);
      }),
    );
  } finally {
    tf.dispose(pending.map(({ tensors }) => [...tensors]));
  }
}

function statsOf(values: ArrayLike<number>, known: UpdateNorms): StepStats {
  const stats = { loss: values[0]!, score: values[1]!, ...known };
  for (let at = 2; at + 2 < values.length; at += 3) {
    stats.gradSquared += values[at]!;
    stats.updateSquared += values[at + 1]!;
    stats.weightSquared += values[at + 2]!;
  }
  return stats;
}
