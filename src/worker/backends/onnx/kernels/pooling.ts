import type { TensorInfo } from '@tensorflow/tfjs';
import { elementTypeCodes } from '../onnxGraph.ts';
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
  if (!lowering.target.findsMaxima) {
    const maxima = lowering.graph.node('MaxPool', [image], shape);
    return lowering.define(outShape, maxima, 'float32', 'nchw');
  }
  const [maxima, maximaAt] = lowering.graph.nodeWithOutputs(2, 'MaxPool', [image], shape);
  const pooled = lowering.define(outShape, maxima!, 'float32', 'nchw');
  lowering.symbol(pooled).maximaAt = maximaAt!;
  return pooled;
};

/** dy goes to where the maxima were; of equal numbers the first has it, or all share it where only their values are known. */
const maxPoolGradient: Lower = (lowering, inputs, attributes) => {
  const { dy, input, output } = inputs as { dy: TensorInfo; input: TensorInfo; output: TensorInfo };
  const geometry = geometryOf(lowering, input.shape, attributes);
  if (!lowering.target.findsMaxima) return sharedMaxima(lowering, { dy, input, output }, geometry);
  const { window, strides, pads } = geometry;
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

/** Cuts every window out with filters of a single one each, compares with its maximum, and puts the shares back likewise. */
function sharedMaxima(
  lowering: Lowering,
  { dy, input, output }: { dy: TensorInfo; input: TensorInfo; output: TensorInfo },
  { window, strides, pads, outShape }: Geometry,
): TensorInfo {
  const { graph } = lowering;
  const [batch, height, width, channels] = input.shape as Shape4;
  const [, outHeight, outWidth] = outShape;
  const taps = window[0] * window[1];
  const images = batch * channels;
  const filters = graph.constant('float32', [taps, 1, ...window], identity(taps));
  const single = (tensor: TensorInfo, size: Pair): string =>
    lowering.reshaped(lowering.value(tensor, 'nchw'), [images, 1, ...size]);
  const cut = graph.node('Conv', [single(input, [height, width]), filters], { strides, pads });
  const maxima = single(output, [outHeight, outWidth]);
  const isMaximum = graph.node('Cast', [graph.node('Equal', [cut, maxima])], { to: elementTypeCodes.float32 });
  // what was cut out of the border is no number of the image
  const inside = graph.constant(
    'float32',
    [1, taps, outHeight, outWidth],
    insideOf({ window, strides, pads, outShape }, [height, width]),
  );
  const counted = graph.node('Mul', [isMaximum, inside]);
  const count = graph.node('ReduceSum', [counted, graph.integers([1])], { keepdims: 1 });
  const share = graph.node('Div', [single(dy, [outHeight, outWidth]), count]);
  const shares = graph.node('Mul', [counted, share]);
  const padded = [height + pads[0]! + pads[2]!, width + pads[1]! + pads[3]!];
  const rest = padded.map((size, i) => size - ([outHeight, outWidth][i]! - 1) * strides[i]! - window[i]!);
  const spread = graph.node('ConvTranspose', [shares, filters], { strides, pads, output_padding: rest });
  return lowering.define(input.shape, lowering.reshaped(spread, [batch, channels, height, width]), 'float32', 'nchw');
}

function identity(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

/** [taps, outHeight, outWidth]: 1 where the tap of the window lies on the image. */
function insideOf({ window, strides, pads, outShape }: Geometry, size: Pair): Float32Array {
  const isInside = (axis: 0 | 1, tap: number, at: number): boolean => {
    const place = at * strides[axis] + tap - pads[axis]!;
    return place >= 0 && place < size[axis];
  };
  const [, outHeight, outWidth] = outShape;
  const values = new Float32Array(window[0] * window[1] * outHeight * outWidth);
  let index = 0;
  for (let row = 0; row < window[0]; row++) {
    for (let column = 0; column < window[1]; column++) {
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++) {
          values[index++] = Number(isInside(0, row, y) && isInside(1, column, x));
        }
      }
    }
  }
  return values;
}

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
