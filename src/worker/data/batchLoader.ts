import type * as tfjs from '@tensorflow/tfjs';
import os from 'node:os';
import type { AugmentationConfig } from '../../core/augmentation/augmentationConfig.ts';
import { isAugmented } from '../../core/augmentation/catalogue.ts';
import type { Device } from '../backends/device.ts';
import { createFillSamples } from './fillSamples.ts';
import type { OpenDataset } from './openDataset.ts';
import { startLoaderThreads } from './loaderThreads.ts';

export interface BatchTensors {
  /** [rows, ...sample shape], float32 */
  x: tfjs.Tensor;
  /** one-hot [rows, classes], or [rows, targets] */
  targets: tfjs.Tensor2D;
}

/** The rows of an epoch or of an evaluation, in batches. */
export interface BatchOrder {
  rows: Uint32Array;
  batchSize: number;
  /** the epoch whose augmentation is drawn; null leaves samples as they are */
  epoch: number | null;
  /** batches that are left out at the beginning */
  first?: number;
}

/** Batches one after the other. */
export interface BatchFeed {
  /** The next batch, whose tensors belong to the caller. Throws what reading it threw. */
  next(): Promise<BatchTensors>;
}

/** Reads batches of one dataset. Whoever created it closes it. */
export interface BatchLoader {
  /** One feed at a time: the next one ends the one before. */
  feed(order: BatchOrder): BatchFeed;
  close(): Promise<void>;
}

export interface BatchLoaderOptions {
  device: Device;
  dataset: OpenDataset;
  /** numbers per row of the targets a model learns: classes, or targets of a regression */
  targetSize: number;
  augmentation: AugmentationConfig;
  seed: number;
  batchSize: number;
  /** threads that make batches while a step computes; 0 makes each when it is asked for. Left out: as many as pay */
  threads?: number | undefined;
  /** the program of such a thread */
  loaderProgram: URL;
}

/** A batch of fewer numbers is made in less time than it takes to hand it over. */
const fewNumbers = 2 ** 15;

/** Decoding images is worth several threads; copying numbers is not. */
function threadsThatPay({ dataset, augmentation, batchSize }: BatchLoaderOptions): number {
  const cores = os.availableParallelism();
  if (dataset.meta.linked) return Math.max(1, Math.min(4, Math.floor(cores / 2)));
  const numbers = batchSize * dataset.meta.shape.reduce((product, n) => product * n, 1);
  return cores > 1 && numbers * (isAugmented(augmentation) ? 2 : 1) >= fewNumbers ? 1 : 0;
}

export function createBatchLoader(options: BatchLoaderOptions): BatchLoader {
  const threads = options.threads ?? threadsThatPay(options);
  return threads > 0 ? threadedLoader(options, threads) : inlineLoader(options);
}

/** Rows of each batch that is left, one after the other. */
function* batchesOf({ rows, batchSize, first = 0 }: BatchOrder): Generator<Uint32Array> {
  for (let start = first * batchSize; start < rows.length; start += batchSize) {
    yield rows.subarray(start, start + batchSize);
  }
}

function exhausted(): Error {
  return new Error('a batch was asked for after the last one');
}

function tensorMaker({ device, dataset, targetSize }: BatchLoaderOptions) {
  const { tf } = device;
  const { shape } = dataset.meta;
  return (rows: number, samples: Float32Array, targets: Float32Array): BatchTensors => ({
    x: tf.tensor(samples, [rows, ...shape]),
    targets: tf.tensor2d(targets, [rows, targetSize]),
  });
}

/**
 * Makes each batch when it is asked for. Arrays are filled again where the device copies them: fresh ones each step are
 * garbage that V8 lets grow to tens of megabytes before it looks.
 */
function inlineLoader(options: BatchLoaderOptions): BatchLoader {
  const { device, dataset, targetSize } = options;
  const sampleSize = dataset.meta.shape.reduce((product, size) => product * size, 1);
  const fillSamples = createFillSamples(dataset.meta, dataset.samples, options.augmentation, options.seed);
  const toTensors = tensorMaker(options);
  let samples = new Float32Array(0);
  let targets = new Float32Array(0);
  return {
    feed(order) {
      const batches = batchesOf(order);
      return {
        async next() {
          const { value: rows } = batches.next();
          if (!rows) throw exhausted();
          if (!device.copiesInputs || rows.length * sampleSize > samples.length) {
            samples = new Float32Array(rows.length * sampleSize);
            targets = new Float32Array(rows.length * targetSize);
          }
          await fillSamples(rows, order.epoch, samples);
          dataset.readTargets(rows, targets);
          return toTensors(
            rows.length,
            samples.subarray(0, rows.length * sampleSize),
            targets.subarray(0, rows.length * targetSize),
          );
        },
      };
    },
    async close() {},
  };
}

/** Has batches made ahead by threads of their own, in memory shared with them. */
function threadedLoader(options: BatchLoaderOptions, threads: number): BatchLoader {
  const { device, dataset, targetSize, augmentation, seed, loaderProgram } = options;
  const sampleSize = dataset.meta.shape.reduce((product, size) => product * size, 1);
  const toTensors = tensorMaker(options);
  // a device that keeps an array needs one of its own, which `slice` gives
  const taken = (numbers: Float32Array): Float32Array => (device.copiesInputs ? numbers : numbers.slice());
  const pool = startLoaderThreads(
    loaderProgram,
    { dataset: dataset.ref, augmentation, seed, sampleSize, targetSize },
    threads,
  );
  return {
    feed(order) {
      const batches = pool.order(batchesOf(order), order);
      return {
        async next() {
          const batch = await batches.next();
          if (!batch) throw exhausted();
          try {
            return toTensors(batch.rows, taken(batch.samples), taken(batch.targets));
          } finally {
            batch.release();
          }
        },
      };
    },
    close: () => pool.close(),
  };
}
