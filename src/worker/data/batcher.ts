import type * as tfjs from '@tensorflow/tfjs';
import type { Device } from '../backends/device.ts';
import type { OpenDataset } from './openDataset.ts';

export interface BatchTensors {
  /** [rows, ...sample shape], float32 */
  x: tfjs.Tensor;
  /** one-hot [rows, classes], or [rows, targets] */
  targets: tfjs.Tensor2D;
}

/** Samples and targets of given rows as tensors, which the caller disposes of. */
export type Batcher = (rows: Uint32Array) => BatchTensors;

/**
 * Reads batches of one dataset. Arrays are filled again where the device copies them: fresh ones each step are garbage
 * that V8 lets grow to tens of megabytes before it looks.
 */
export function createBatcher(device: Device, dataset: OpenDataset, targetSize: number): Batcher {
  const { tf, copiesInputs } = device;
  const sampleSize = dataset.meta.shape.reduce((product, size) => product * size, 1);
  let samples = new Float32Array(0);
  let targets = new Float32Array(0);
  return (rows) => {
    if (!copiesInputs || rows.length * sampleSize > samples.length) {
      samples = new Float32Array(rows.length * sampleSize);
      targets = new Float32Array(rows.length * targetSize);
    }
    dataset.readSamples(rows, samples);
    dataset.readTargets(rows, targets);
    return {
      x: tf.tensor(samples.subarray(0, rows.length * sampleSize), [rows.length, ...dataset.meta.shape]),
      targets: tf.tensor2d(targets.subarray(0, rows.length * targetSize), [rows.length, targetSize]),
    };
  };
}
