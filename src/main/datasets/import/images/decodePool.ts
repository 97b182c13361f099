import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../../core/errors.ts';
import type { SampleImage } from '../../../../node/images/decodeImage.ts';
import { decodeBatch } from './decodeBatch.ts';
import type { DecodedBatch, DecodeReply, DecodeRequest, ImageBytes } from './decodeMessages.ts';
import type { DecodedImages } from './imageSet.ts';
import { ImageReader } from './readImage.ts';

const mostThreads = 8;
/** Starting threads takes longer than decoding so many images. */
const fewRows = 100;
/** Images and bytes of pixels that are handed to a thread at a time. */
const mostPerRequest = 128;
const pixelsPerRequest = 8 * 2 ** 20;
/** Bytes of images out of archives that are handed over at a time, but for the last one. */
const packedPerRequest = 8 * 2 ** 20;
/** Requests per thread that are under way or wait for those before them. */
const aheadPerThread = 2;

/** The program of a decoding thread, which is beside the program that is running once it is bundled. */
function threadProgram(): URL {
  const { url } = import.meta;
  if (url.endsWith('.ts')) return new URL('./decodeThread.ts', url);
  return new URL(/\/chunks\/[^/]+$/.test(url) ? '../decode.js' : './decode.js', url);
}

interface Decoder {
  decode(images: ImageBytes[], sample: SampleImage): Promise<DecodedBatch>;
  close(): Promise<void>;
}

function decodeHere(): Decoder {
  const reader = new ImageReader();
  return {
    decode: (images, sample) => decodeBatch(images, sample, reader),
    close: async () => reader.close(),
  };
}

function decodeByThreads(count: number): Decoder {
  const waiting = new Map<number, { resolve: (reply: DecodeReply) => void; reject: (error: unknown) => void }>();
  let nextId = 0;
  const stop = (why: string): void => {
    const error = new AppError('workerCrashed', `A thread that decodes images stopped (${why}); nothing was kept.`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const threads = Array.from({ length: count }, () => {
    const thread = new Worker(threadProgram(), { execArgv: [], name: 'images' });
    thread.on('message', (reply: DecodeReply) => {
      waiting.get(reply.id)?.resolve(reply);
      waiting.delete(reply.id);
    });
    thread.on('error', (error) => stop(error.message));
    thread.on('exit', (code) => stop(`exit code ${code}`));
    return thread;
  });
  return {
    decode(images, sample) {
      const id = nextId++;
      threads[id % count]!.postMessage({ id, sample, images } satisfies DecodeRequest);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/**
 * Decodes images in their order, many of them by threads; `bytesOf` is asked for those of each image when its turn comes, and `onStates`
 * hears what the files were from row `first` on: size and time of writing of each.
 * What is under way is bounded: two requests a thread, of 8 MiB of pixels each.
 */
export async function* decodeAll(
  rows: number,
  bytesOf: (row: number) => ImageBytes | Promise<ImageBytes>,
  sample: SampleImage,
  onStates: (first: number, states: Float64Array) => void,
): AsyncGenerator<DecodedImages> {
  const threads = rows <= fewRows ? 0 : Math.min(mostThreads, os.availableParallelism());
  const perRequest = Math.max(
    1,
    Math.min(mostPerRequest, Math.floor(pixelsPerRequest / (sample.width * sample.height * sample.channels))),
  );
  const decoder = threads === 0 ? decodeHere() : decodeByThreads(threads);
  const underWay: { first: number; count: number; batch: Promise<DecodedBatch> }[] = [];
  let next = 0;
  const isMore = (): boolean => next < rows;
  const request = async (): Promise<void> => {
    const first = next;
    const images: ImageBytes[] = [];
    for (let held = 0; next < rows && images.length < perRequest && held < packedPerRequest; next++) {
      const image = await bytesOf(next);
      images.push(image);
      if ('bytes' in image) held += image.bytes.length;
    }
    const batch = decoder.decode(images, sample);
    // it is awaited in its turn
    batch.catch(() => {});
    underWay.push({ first, count: images.length, batch });
  };
  try {
    while (isMore() || underWay.length > 0) {
      while (isMore() && underWay.length < Math.max(1, aheadPerThread * threads)) await request();
      const { first, count, batch } = underWay.shift()!;
      const { pixels, failed, states } = await batch;
      onStates(first, states);
      const bad = new Set(failed.map(({ index }) => index));
      yield {
        rows: Uint32Array.from({ length: count }, (_, i) => first + i).filter((_, i) => !bad.has(i)),
        pixels,
        failed: failed.map(({ index, why }) => ({ row: first + index, why })),
      };
    }
  } finally {
    await decoder.close();
  }
}
