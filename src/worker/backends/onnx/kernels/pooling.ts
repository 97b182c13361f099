import type { TensorInfo } from '@tensorflow/tfjs';
import { missing, type KernelAttributes, type Lower, type Lowering, type LoweringTable } from '../lowering.ts';

type Pair = [number, number];
type Shape4 = [number, number, number, number];

interface Geometry {
  window: Pair;
  strides: Pair;
  pads: number[];
  outShape: Shape4;
}

function geometryOf(lowering: Lowering, shape: readonly number[], attributes: KernelAttributes): Geometry {
  const info = lowering.tf.backend_util.computePool2DInfo(
    shape as Shape4,
    attributes['filterSize'] as Pair,
    attributes['strides'] as Pair,
    1,
    attributes['pad'] as 'same',
    attributes['dimRoundingMode'] as 'floor',
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
    outShape: info.outShape,
  };
}

const maxPool: Lower = (lowering, { x }, attributes) => {
  const { window, strides, pads, outShape } = geometryOf(lowering, x!.shape, attributes);
  const image = lowering.value(x!, 'nchw');
  const shape = { kernel_shape: window, strides, pads };
  const [maxima, maximaAt] = lowering.graph.nodeWithOutputs(2, 'MaxPool', [image], shape);
  const pooled = lowering.define(outShape, maxima!, 'float32', 'nchw');
  lowering.symbol(pooled).maximaAt = maximaAt!;
  return pooled;
};

/** dy goes to where the maxima were; of equal numbers the first has it. */
const maxPoolGradient: Lower = (lowering, inputs, attributes) => {
  const { dy, input, output } = inputs as { dy: TensorInfo; input: TensorInfo; output: TensorInfo };
  const { window, strides, pads } = geometryOf(lowering, input.shape, attributes);
  const { maximaAt } = lowering.symbol(output);
  if (maximaAt === undefined) throw missing('MaxPoolGrad', 'of a pooling that is not part of the step');
  const { graph } = lowering;
  const [batch, height, width, channels] = input.shape as Shape4;
  const target = [batch, channels, height, width];
  const gradient = lowering.value(dy, 'nchw');
  const overlaps = window.some((length, i) => length > strides[i]!);
  if (!overlaps) {
    const places = [gradient, maximaAt, graph.integers(target)];
    const dx = graph.node('MaxUnpool', places, { kernel_shape: window, strides, pads });
    return lowering.define(input.shape, dx, 'float32', 'nchw');
  }
  // a number may be the maximum of several windows: their gradients add up
  const zeros = graph.node('Expand', [graph.real(0), graph.integers([batch * height * width * channels])]);
  const flat = [maximaAt, gradient].map((value) => lowering.reshaped(value, [-1]));
  const sums = graph.node('ScatterElements', [zeros, ...flat], { axis: 0, reduction: 'add' });
  return lowering.define(input.shape, lowering.reshaped(sums, target), 'float32', 'nchw');
};

const averagePool: Lower = (lowering, { x }, attributes) => {
  const { window, strides, pads, outShape } = geometryOf(lowering, x!.shape, attributes);
  const shape = { kernel_shape: window, strides, pads, count_include_pad: 0 };
  const means = lowering.graph.node('AveragePool', [lowering.value(x!, 'nchw')], shape);
  return lowering.define(outShape, means, 'float32', 'nchw');
};

/** Every number of a window takes dy divided by the window's size, which tfjs' gradient has corrected at borders. */
const averagePoolGradient: Lower = (lowering, inputs, attributes) => {
  const { dy, input } = inputs as { dy: TensorInfo; input: TensorInfo };
  const { window, strides, pads } = geometryOf(lowering, input.shape, attributes);
  const { graph } = lowering;
  const [batch, height, width, channels] = input.shape as Shape4;
  const outSize = dy.shape.slice(1, 3);
  const padded = [height + pads[0]! + pads[2]!, width + pads[1]! + pads[3]!];
  const rest = padded.map((size, i) => size - (outSize[i]! - 1) * strides[i]! - window[i]!);
  const share = new Float32Array(window[0] * window[1]).fill(1 / (window[0] * window[1]));
  const filter = graph.constant('float32', [1, 1, ...window], share);
  // the channels as images: one filter then serves all of them
  const single = lowering.reshaped(lowering.value(dy, 'nchw'), [batch * channels, 1, ...outSize]);
  const spread = graph.node('ConvTranspose', [single, filter], { strides, pads, output_padding: rest });
  const dx = lowering.reshaped(spread, [batch, channels, height, width]);
  return lowering.define(input.shape, dx, 'float32', 'nchw');
};

export const poolingLowerings: LoweringTable = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
};
