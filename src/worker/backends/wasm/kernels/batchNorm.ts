import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { sizeOf, type Attributes, type Inputs, type KernelGroup, type WasmContext } from '../wasmContext.ts';

/**
 * Training batch norm in two passes over memory forward and two back (resources/wasm/batchNorm.h), for
 * `trainingBatchNorm` of src/worker/models/ops, which runs the kernel TrainingBatchNorm where a device has it:
 * inputs x, gamma, beta; attribute epsilon; outputs y, mean, variance, 1 / sqrt(variance + epsilon).
 */
export function batchNormKernels(context: WasmContext): KernelGroup {
  return {
    kernels: [
      { name: 'TrainingBatchNorm', run: (inputs, attributes) => forward(context, inputs, attributes) },
      { name: 'TrainingBatchNormGrad', run: (inputs) => gradient(context, inputs) },
    ],
    gradients: [
      {
        kernelName: 'TrainingBatchNorm',
        inputsToSave: ['x', 'gamma'],
        outputsToSave: [false, true, false, true],
        gradFunc(dys, [x, gamma, mean, inverseDeviation]) {
          const inputs = {
            dy: (dys as Tensor[])[0]!,
            x: x!,
            gamma: gamma!,
            mean: mean!,
            inverseDeviation: inverseDeviation!,
          };
          const [dx, dGamma, dBeta] = context.tf.engine().runKernel('TrainingBatchNormGrad', inputs) as Tensor[];
          return { x: () => dx!, gamma: () => dGamma!, beta: () => dBeta! };
        },
      },
    ],
  };
}

/** Numbers per chunk; a chunk's rows are read twice for the moments and should stay in the cache. */
const chunkSize = 8192;

interface Rows {
  rows: number;
  channels: number;
  perChunk: number;
  parts: number;
}

function rowsOf(x: TensorInfo): Rows {
  const channels = x.shape.at(-1)!;
  const rows = sizeOf(x.shape) / channels;
  const perChunk = Math.max(8, Math.ceil(chunkSize / channels));
  return { rows, channels, perChunk, parts: Math.ceil(rows / perChunk) };
}

function forward(context: WasmContext, inputs: Inputs, attributes: Attributes): TensorInfo[] {
  const { kernels, pointer } = context;
  const { x, gamma, beta } = inputs as { x: TensorInfo; gamma: TensorInfo; beta: TensorInfo };
  const { rows, channels, perChunk, parts } = rowsOf(x);
  const y = context.output(x.shape);
  const [mean, variance, inverse] = [0, 1, 2].map(() => context.output([channels])) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const shape = [rows, channels, perChunk];
  kernels.withScratch(4 * parts * 2 * channels, (partials) => {
    kernels.run('batchNormMoments', parts, [pointer(x), partials, 0, ...shape]);
    const statistics = [pointer(mean), partials, pointer(variance), ...shape, parts, pointer(inverse)];
    kernels.run('batchNormJoin', 1, statistics, [attributes.epsilon as number]);
  });
  const applied = [pointer(x), pointer(y), 0, ...shape, pointer(mean), pointer(inverse), pointer(gamma), pointer(beta)];
  kernels.run('batchNormApply', parts, applied);
  return [y, mean, variance, inverse];
}

function gradient(context: WasmContext, inputs: Inputs): TensorInfo[] {
  const { kernels, pointer } = context;
  const { dy, x, gamma, mean, inverseDeviation } = inputs as Record<string, TensorInfo> &
    Record<'dy' | 'x', TensorInfo>;
  const { rows, channels, perChunk, parts } = rowsOf(x);
  const dx = context.output(x.shape);
  const [dGamma, dBeta] = [0, 1].map(() => context.output([channels])) as [TensorInfo, TensorInfo];
  const shape = [rows, channels, perChunk];
  const partialBytes = 4 * parts * 2 * channels;
  kernels.withScratch(partialBytes + 4 * 3 * channels, (partials) => {
    const factors = partials + partialBytes;
    kernels.run('batchNormGradientSums', parts, [pointer(x), partials, pointer(dy), ...shape, pointer(mean!)]);
    kernels.run('batchNormGradientJoin', 1, [
      pointer(dGamma),
      partials,
      pointer(dBeta),
      rows,
      channels,
      0,
      parts,
      pointer(inverseDeviation!),
      pointer(gamma!),
      factors,
    ]);
    const applied = [pointer(x), pointer(dx), pointer(dy), ...shape, pointer(mean!), 0, 0, factors];
    kernels.run('batchNormGradientApply', parts, applied);
  });
  return [dx, dGamma, dBeta];
}
