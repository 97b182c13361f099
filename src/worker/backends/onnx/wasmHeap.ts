import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../device.ts';

/** Tensors of the WebAssembly device as memory that ONNX Runtime reads and writes in place. */
export interface WasmHeap {
  /** the numbers of a float32 tensor where they lie; valid until it is disposed of */
  view(tensor: Tensor): Float32Array;
  /** a new float32 tensor with undefined contents */
  allocate(shape: readonly number[]): Tensor;
}

export function openWasmHeap(tf: Tf): WasmHeap {
  const backend = tf.backend() as BackendWasm;
  const memory = backend.wasm as unknown as { HEAPU8: Uint8Array };
  const view = (tensor: Tensor): Float32Array => {
    const start = backend.getMemoryOffset(tensor.dataId) >>> 0;
    // after the heap has grown, HEAPU8 is another view of the same memory
    return new Float32Array(memory.HEAPU8.buffer, start, tensor.size);
  };
  return {
    view,
    allocate(shape) {
      const info = backend.makeOutput([...shape], 'float32');
      return tf.engine().makeTensorFromTensorInfo(info, backend);
    },
  };
}
