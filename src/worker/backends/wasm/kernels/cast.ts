import type { KernelGroup, WasmContext } from '../wasmContext.ts';

/**
 * Sharing in place of copying, as every other backend does, and truth values: tfjs 4.22.0 cuts a number to its lowest
 * byte where it should ask whether it is zero.
 */
export function castKernels(context: WasmContext): KernelGroup {
  return {
    kernels: [
      { name: 'Identity', run: ({ x }) => context.alias(x!) },
      {
        name: 'Cast',
        run(inputs, attributes) {
          const x = inputs.x!;
          if (attributes.dtype === x.dtype) return context.alias(x);
          if (attributes.dtype !== 'bool') return context.stock('Cast', inputs, attributes);
          const zero = context.backend.makeOutput([], x.dtype, undefined, new Float32Array(1));
          const result = context.stock('NotEqual', { a: x, b: zero });
          context.dispose(zero);
          return result;
        },
      },
    ],
  };
}
