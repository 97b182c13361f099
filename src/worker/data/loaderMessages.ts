import type { AugmentationConfig } from '../../core/augmentation/augmentationConfig.ts';
import type { DatasetRef } from '../../core/contract/datasets.ts';
import type { WireError } from '../../core/errors.ts';

/** What a loader thread is started with. */
export interface LoaderSetup {
  dataset: DatasetRef;
  augmentation: AugmentationConfig;
  seed: number;
  /** numbers of one sample */
  sampleSize: number;
  /** numbers of one target */
  targetSize: number;
}

export interface LoaderRequest {
  id: number;
  rows: Uint32Array;
  epoch: number | null;
  /** float32, filled from its beginning */
  samples: SharedArrayBuffer;
  targets: SharedArrayBuffer;
  /** one int32, set to `batchReady` before the answer, so that a thread that is busy can see it */
  state: SharedArrayBuffer;
}

export interface LoaderReply {
  id: number;
  /** null when the batch is ready */
  error: WireError | null;
}

export const batchReady = 1;
