import type { Box } from './augmentationDraws.ts';
import type { NumberFile } from './numberFile.ts';

export interface SampleUse {
  /** Takes the stored numbers of the sample of `rows[index]`, which are valid during the call only. */
  take(index: number, numbers: ArrayLike<number>): void;
  /** The part of an image of this size that makes the sample; null for the whole. Only images that are decoded ask. */
  partOf?(index: number, size: { height: number; width: number }): Box | null;
}

/** Where the samples of a dataset come from. */
export interface SampleSource {
  /** Hands over samples, in any order; a promise where they have to be decoded first. */
  read(rows: ArrayLike<number>, use: SampleUse): void | Promise<void>;
  close(): void;
}

export function numberFileSource(file: NumberFile): SampleSource {
  return {
    read(rows, { take }) {
      for (let i = 0; i < rows.length; i++) take(i, file.read(rows[i]!));
    },
    close: file.close,
  };
}
