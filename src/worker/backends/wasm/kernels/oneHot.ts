import type { DataType } from '@tensorflow/tfjs';
import { sizeOf, type KernelGroup, type WasmContext } from '../wasmContext.ts';

/** tfjs 4.22.0 writes integers into the result whatever its type, so a float32 result reads as denormals. */
export function oneHotKernels({ backend }: WasmContext): KernelGroup {
  return {
    kernels: [
      {
        name: 'OneHot',
        run(inputs, attributes) {
          const indices = inputs.indices!;
          const { depth, onValue, offValue, dtype = 'int32' } = attributes as unknown as OneHotAttributes;
          const out = backend.makeOutput([...indices.shape, depth], dtype);
          const labels = backend.typedArrayFromHeap(indices);
          const values = backend.typedArrayFromHeap(out).fill(offValue);
          for (let row = 0; row < sizeOf(indices.shape); row++) {
            const label = labels[row]!;
            if (label >= 0 && label < depth) values[row * depth + label] = onValue;
          }
          return out;
        },
      },
    ],
  };
}

interface OneHotAttributes {
  depth: number;
  onValue: number;
  offValue: number;
  dtype?: DataType;
}
