import type { TensorInfo } from '@tensorflow/tfjs';
import { allFloat, type Attributes, type Inputs, type KernelGroup, type WasmContext } from '../wasmContext.ts';

/** Max pooling and its gradient (resources/wasm/pool2d.h); tfjs' own gradient visits single numbers. */
export function poolingKernels(context: WasmContext): KernelGroup {
  return {
    kernels: [
      { name: 'MaxPool', run: (inputs, attributes) => maxPool(context, inputs, attributes) },
      { name: 'MaxPoolGrad', run: (inputs, attributes) => maxPoolGradient(context, inputs, attributes) },
    ],
  };
}

type Shape4 = [number, number, number, number];

function poolInfo({ tf }: WasmContext, shape: number[], attributes: Attributes) {
  return tf.backend_util.computePool2DInfo(
    shape as Shape4,
    attributes.filterSize as [number, number],
    attributes.strides as [number, number],
    1,
    attributes.pad as 'same',
    attributes.dimRoundingMode as 'floor',
  );
}

/** The integers 3 to 13 of both kernels in pool2d.h. */
function shapeIntegers(info: ReturnType<typeof poolInfo>): number[] {
  return [
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
}

function maxPool(context: WasmContext, inputs: Inputs, attributes: Attributes): TensorInfo {
  const x = inputs.x!;
  if (!allFloat(x)) return context.stock('MaxPool', inputs, attributes);
  const info = poolInfo(context, x.shape, attributes);
  const y = context.output(info.outShape);
  const integers = [context.pointer(x), context.pointer(y), 0, ...shapeIntegers(info)];
  context.kernels.run('maxPool', info.batchSize, integers);
  return y;
}

function maxPoolGradient(context: WasmContext, inputs: Inputs, attributes: Attributes): TensorInfo {
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
  if (!allFloat(dy, input)) return context.stock('MaxPoolGrad', inputs, attributes);
  const info = poolInfo(context, input.shape, attributes);
  const dx = context.output(input.shape);
  const integers = [context.pointer(input), context.pointer(dy), context.pointer(dx), ...shapeIntegers(info)];
  context.kernels.run('maxPoolGradient', info.batchSize, integers);
  return dx;
}
