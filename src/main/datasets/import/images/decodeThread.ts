import { parentPort } from 'node:worker_threads';
import { decodeBatch } from './decodeBatch.ts';
import type { DecodeReply, DecodeRequest } from './decodeMessages.ts';
import { ImageReader } from './readImage.ts';

// The program of a thread that decodes images into samples.
const port = parentPort!;
const reader = new ImageReader();

port.on('message', ({ id, sample, images }: DecodeRequest) => {
  void decodeBatch(images, sample, reader).then((batch) => {
    port.postMessage({ id, ...batch } satisfies DecodeReply, [
      batch.pixels.buffer as ArrayBuffer,
      batch.states.buffer as ArrayBuffer,
    ]);
  });
});
