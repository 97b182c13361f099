import type { Place } from '../importErrors.ts';

/** Numbers as they are read: bytes and float32 as they are stored, everything else as float64. */
export type Numbers = Uint8Array | Float32Array | Float64Array;

/** An array that lies in a file and is read by rows: its first axis counts the samples. */
export interface StoredArray {
  /** "x_train", or the path inside an HDF5 file */
  name: string;
  place: Place;
  /** for people: "float64", "uint8", "text of up to 12 characters" */
  type: string;
  kind: 'integer' | 'float' | 'text';
  shape: readonly number[];
  /** whether its numbers are true and false */
  isBoolean: boolean;
  /** Rows `first` to `first + count` in C order. Only for numbers. */
  rows(first: number, count: number): Promise<Numbers>;
  /** Only for text. */
  texts(first: number, count: number): Promise<string[]>;
}

/** Arrays of one import. Whoever opened them closes them. */
export interface OpenArrays {
  /** one line for people */
  format: string;
  arrays: readonly StoredArray[];
  /** what could not be opened as an array, with the reason, for when it is asked for */
  refused: readonly { name: string; why: string }[];
  close(): Promise<void>;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Numbers of one row. */
export const rowSizeOf = ({ shape }: Pick<StoredArray, 'shape'>): number => sizeOf(shape.slice(1));
