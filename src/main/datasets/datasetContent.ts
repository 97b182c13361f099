import type { DatasetMeta } from '../../core/contract/datasets.ts';

/** The numbers of a dataset: one row per sample, C order. */
export interface DatasetContent {
  x: Uint8Array | Float32Array;
  /** class indices, or regression targets */
  y: Int32Array | Float32Array;
  /** numbers per row of y; 1 for class indices */
  targetSize: number;
}

/** What a dataset says of itself, apart from what follows from its numbers. */
export type DatasetFacts = Omit<DatasetMeta, 'version' | 'hash' | 'dtype'>;
