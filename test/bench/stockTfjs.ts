import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type { Device } from '../../src/worker/backends/device.ts';

/** tfjs' WebAssembly backend as it is shipped, for comparison. */
export async function openStockTfjs(): Promise<Device> {
  tf.env().set('PROD', true);
  await tf.setBackend('wasm');
  return {
    id: 'tfjs',
    description: `tfjs ${tf.version_core}, WebAssembly as shipped, 1 thread`,
    threads: 1,
    tf,
    copiesInputs: true,
    computesAhead: false,
    fusedUpdate: () => undefined,
    close() {},
  };
}
