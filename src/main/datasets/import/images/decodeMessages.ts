import type { SampleImage } from '../../../../node/images/decodeImage.ts';

/** Where the bytes of an image are: a file or a stretch of one, or at hand; or why there are none. */
export type ImageBytes =
  { path: string; offset: number; length: number | null } | { bytes: Uint8Array } | { why: string };

export interface DecodeRequest {
  id: number;
  sample: SampleImage;
  images: ImageBytes[];
}

export interface DecodedBatch {
  /** the images that could be decoded, one after the other */
  pixels: Uint8Array;
  failed: { index: number; why: string }[];
  /** size and time of writing of every image that is a file, before it was read; NaN for the others */
  states: Float64Array;
}

export interface DecodeReply extends DecodedBatch {
  id: number;
}
