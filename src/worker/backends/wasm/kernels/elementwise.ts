import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { allFloat, sizeOf, type KernelGroup, type OwnKernel, type WasmContext } from '../wasmContext.ts';

/** The order of the operations in elementwise.h. */
const operations = ['Add', 'Sub', 'Multiply', 'RealDiv', 'ReluGrad', 'Relu', 'Sign'] as const;
type Operation = (typeof operations)[number];

/** Numbers per chunk: about 10 microseconds of work. */
const chunkSize = 16384;

export function elementwiseKernels(context: WasmContext): KernelGroup {
  const binary = (name: Operation): OwnKernel => ({
    name,
    run(inputs) {
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      return (allFloat(a, b) && combine(context, name, a, b)) || context.stock(name, inputs);
    },
  });
  const unary = (name: string, operation: Operation): OwnKernel => ({
    name,
    run(inputs) {
      const x = inputs.x!;
      return (allFloat(x) && combine(context, operation, x, x)) || context.stock(name, inputs);
    },
  });
  return {
    kernels: [
      binary('Add'),
      binary('Sub'),
      binary('Multiply'),
      binary('RealDiv'),
      unary('Square', 'Multiply'),
      unary('Relu', 'Relu'),
      // tfjs takes the sign of anything below 1.2e-7 for 0
      unary('Sign', 'Sign'),
      { name: 'ReluGrad', run: ({ dy, x }) => combine(context, 'ReluGrad', dy!, x!)! },
    ],
    gradients: [
      {
        kernelName: 'Relu',
        inputsToSave: ['x'],
        gradFunc: (dy, [x]) => ({
          x: () => context.tf.engine().runKernel('ReluGrad', { dy: dy as Tensor, x: x! }) as Tensor,
        }),
      },
    ],
  };
}

/** Undefined where neither side repeats as a whole: such broadcasts are left to tfjs. */
function combine(context: WasmContext, operation: Operation, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const shape = context.tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const total = sizeOf(shape);
  const [aSize, bSize] = [sizeOf(a.shape), sizeOf(b.shape)];
  const repeats = (x: TensorInfo, size: number): boolean => size === total || size === 1 || endsWith(shape, x.shape);
  if (total === 0 || !repeats(a, aSize) || !repeats(b, bSize)) return undefined;
  const shorter = Math.min(...[aSize, bSize].filter((size) => size > 1 && size < total), total);
  const inner = shorter < total ? shorter : Math.min(total, chunkSize);
  const rowsPerChunk = Math.max(1, Math.floor(chunkSize / inner));
  const step = (size: number): number => (size === total ? inner : 0);
  const out = context.output(shape);
  context.kernels.run('elementwise', Math.ceil(total / inner / rowsPerChunk), [
    context.pointer(a),
    context.pointer(b),
    context.pointer(out),
    total,
    inner,
    step(aSize),
    step(bSize),
    Number(aSize === 1),
    Number(bSize === 1),
    rowsPerChunk,
    operations.indexOf(operation),
  ]);
  return out;
}

/** Whether `part`, its leading ones aside, is the end of `shape`. */
function endsWith(shape: readonly number[], part: readonly number[]): boolean {
  const firstReal = part.findIndex((length) => length !== 1);
  const rest = firstReal === -1 ? [] : part.slice(firstReal);
  return rest.every((length, axis) => length === shape[shape.length - rest.length + axis]);
}
