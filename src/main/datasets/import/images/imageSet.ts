import type { ImportWarning } from '../../../../core/contract/datasetImport.ts';
import type { ImageFacts, SampleImage } from '../../../../node/images/decodeImage.ts';
import type { Place } from '../importErrors.ts';

/** Images that were decoded, in the order of their rows. */
export interface DecodedImages {
  /** rows that could be decoded */
  rows: Uint32Array;
  /** [rows.length, height, width, channels] */
  pixels: Uint8Array;
  failed: readonly { row: number; why: string }[];
}

/** Images with their classes and parts, not decoded yet. */
export interface ImageSet {
  /** one line for people */
  format: string;
  /** what is read, for people */
  files: string[];
  rows: number;
  /** class names in index order */
  classes: string[];
  labels: Int32Array;
  /** part of each row by its file or folder; null when nothing says */
  fixedParts: Uint8Array | null;
  warnings: ImportWarning[];
  /** other labels that could be the target: names for `choices.target`, the chosen one first */
  targets: string[];
  placeOf(row: number): Place;
  /** What the header of an image says. Throws ImageProblem, or AppError for a file that cannot be read. */
  facts(row: number): Promise<ImageFacts>;
  /** One image as a sample. Throws what `facts` throws. */
  decode(row: number, sample: SampleImage): Promise<Uint8Array>;
  /** All images as samples, a few hundred at most at a time. */
  decodeAll(sample: SampleImage): AsyncGenerator<DecodedImages>;
  /** where the images lie in one folder and can be used from there; null in archives and for other containers */
  link: { root: string; pathOf(row: number): Buffer } | null;
}
