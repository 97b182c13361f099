import type { TensorInfo } from '@tensorflow/tfjs';
import { missing, type KernelAttributes, type Lower, type Lowering, type LoweringTable } from '../lowering.ts';
import { microsoft } from '../onnxGraph.ts';
import { blockedConvolution } from './blockedConvolution.ts';

/** A convolution of images [batch, height, width, channels] with filters [height, width, channels, filters]. */
interface Geometry {
  batch: number;
  channels: number;
  filters: number;
  /** of the filter */
  kernel: [height: number, width: number];
  strides: [height: number, width: number];
  inSize: [height: number, width: number];
  outSize: [height: number, width: number];
  padding: { before: [height: number, width: number]; after: [height: number, width: number] };
  outShape: number[];
}

type Pair = [number, number];

function geometryOf(
  lowering: Lowering,
  kernelName: string,
  xShape: readonly number[],
  filterShape: readonly number[],
  attributes: KernelAttributes,
): Geometry {
  const { dataFormat = 'NHWC', dilations = 1 } = attributes;
  if (dataFormat !== 'NHWC') throw missing(kernelName, 'images with channels first');
  if ([dilations].flat().some((each) => each !== 1)) throw missing(kernelName, 'dilated');
  const info = lowering.tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes['strides'] as Pair,
    1,
    attributes['pad'] as 'same',
    attributes['dimRoundingMode'] as 'floor',
  );
  const { top, bottom, left, right } = info.padInfo;
  return {
    batch: info.batchSize,
    channels: info.inChannels,
    filters: info.outChannels,
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    inSize: [info.inHeight, info.inWidth],
    outSize: [info.outHeight, info.outWidth],
    padding: { before: [top, left], after: [bottom, right] },
    outShape: info.outShape,
  };
}

const padsOf = ({ padding }: Geometry): number[] => [...padding.before, ...padding.after];

const convolve: Lower = (lowering, inputs, attributes) => {
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const geometry = geometryOf(lowering, 'Conv2D', x.shape, filter.shape, attributes);
  const y = blockedConvolution(lowering, lowering.value(x, 'nchw'), lowering.value(filter, 'oihw'), {
    channels: geometry.channels,
    filters: geometry.filters,
    kernel: geometry.kernel,
    strides: geometry.strides,
    pads: padsOf(geometry),
  });
  return lowering.define(geometry.outShape, y, 'float32', 'nchw');
};

/** With stride 1 a convolution of dy with the filter turned by half a turn, else the transposed convolution. */
const inputGradient: Lower = (lowering, inputs, attributes) => {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const inputShape = attributes['inputShape'] as number[];
  const geometry = geometryOf(lowering, 'Conv2DBackpropInput', inputShape, filter.shape, attributes);
  const { kernel, strides, padding, inSize, outSize } = geometry;
  const { graph } = lowering;
  const reach = (before: Pair): number[] => before.map((pad, i) => kernel[i]! - 1 - pad);
  const gradient = lowering.value(dy, 'nchw');
  const isPlain = strides.every((stride) => stride === 1) && padsOf(geometry).every((pad, i) => pad < kernel[i % 2]!);
  if (isPlain) {
    const pads = [...reach(padding.before), ...reach(padding.after)];
    const dx = blockedConvolution(lowering, gradient, turned(lowering, filter, kernel), {
      channels: geometry.filters,
      filters: geometry.channels,
      kernel,
      strides,
      pads,
    });
    return lowering.define(inputShape, dx, 'float32', 'nchw');
  }
  const reached = outSize.map((size, i) => (size - 1) * strides[i]! + kernel[i]!);
  const rest = reached.map((size, i) => inSize[i]! + padding.before[i]! + padding.after[i]! - size);
  const shape = { strides, pads: padsOf(geometry), output_padding: rest };
  const dx = graph.node('ConvTranspose', [gradient, lowering.value(filter, 'oihw')], shape);
  return lowering.define(inputShape, dx, 'float32', 'nchw');
};

/** [channels, filters, height, width], both lengths read backwards. */
function turned(lowering: Lowering, filter: TensorInfo, [height, width]: Pair): string {
  const { graph } = lowering;
  const filters = lowering.value(filter, 'oihw');
  const swapped = graph.node('Transpose', [filters], { perm: [1, 0, 2, 3] });
  if (height === 1 && width === 1) return swapped;
  const [start, end] = [graph.integers([-1, -1]), graph.integers([-1 - height, -1 - width])];
  return graph.node('Slice', [swapped, start, end, graph.integers([2, 3]), graph.integers([-1, -1])]);
}

/**
 * The sum over images of dy times the patches of x, as matrix products. Patches are cut out by a grouped convolution
 * with filters of a single one each, which ONNX Runtime computes on all threads, unlike slicing and concatenating.
 */
const filterGradient: Lower = (lowering, inputs, attributes) => {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = attributes['filterShape'] as number[];
  const geometry = geometryOf(lowering, 'Conv2DBackpropFilter', x.shape, filterShape, attributes);
  const image = lowering.value(x, 'nchw');
  const gradient = lowering.value(dy, 'nchw');
  const oihw = suitsSplit(geometry)
    ? splitGradient(lowering, image, gradient, geometry)
    : patchGradient(lowering, image, gradient, geometry);
  // into the filter's own order at once: the optimizer's state has no other
  return lowering.define(filterShape, lowering.graph.node('Transpose', [oihw], { perm: [2, 3, 1, 0] }));
};

function patchGradient(lowering: Lowering, image: string, gradient: string, geometry: Geometry): string {
  const { batch, channels, filters, kernel, strides, outSize } = geometry;
  const taps = kernel[0] * kernel[1];
  const places = outSize[0] * outSize[1];
  const isWhole = taps === 1 && strides.every((stride) => stride === 1) && padsOf(geometry).every((pad) => pad === 0);
  const patches = isWhole
    ? image
    : cutPatches(lowering, image, { batch, channels, kernel, strides, pads: padsOf(geometry), size: geometry.inSize });
  const rows = lowering.reshaped(gradient, [batch, filters, places]);
  const columns = lowering.reshaped(patches, [batch, channels * taps, places]);
  const product = sumOfProducts(lowering, rows, columns, {
    batch,
    rows: filters,
    columns: channels * taps,
    depth: places,
  });
  return lowering.reshaped(product, [filters, channels, ...kernel]);
}

/** Splitting the taps into rows (with dy) and columns (with x) triples both instead of making nine copies of x. */
function suitsSplit({ strides, kernel, channels, padding }: Geometry): boolean {
  const isInside = [...padding.before, ...padding.after].every((pad, i) => pad < kernel[i % 2]!);
  return strides.every((stride) => stride === 1) && kernel.every((length) => length > 1) && channels >= 8 && isInside;
}

function splitGradient(lowering: Lowering, image: string, gradient: string, geometry: Geometry): string {
  const { batch, channels, filters, kernel, padding, inSize, outSize } = geometry;
  const [height, width] = kernel;
  const { graph } = lowering;
  const rowCount = inSize[0] + padding.before[0] + padding.after[0];
  const places = rowCount * outSize[1];
  const strides: Pair = [1, 1];
  const columns = cutPatches(lowering, image, {
    batch,
    channels,
    kernel: [1, width],
    strides,
    pads: padsOf(geometry),
    size: inSize,
  });
  // row r of tap t is row r - (height - 1) + t of dy, so tap t belongs to the filter's row height - 1 - t
  const rows = cutPatches(lowering, gradient, {
    batch,
    channels: filters,
    kernel: [height, 1],
    strides,
    pads: [height - 1, 0, height - 1, 0],
    size: outSize,
  });
  const product = sumOfProducts(
    lowering,
    lowering.reshaped(rows, [batch, filters * height, places]),
    lowering.reshaped(columns, [batch, channels * width, places]),
    { batch, rows: filters * height, columns: channels * width, depth: places },
  );
  const taps = lowering.reshaped(product, [filters, height, channels, width]);
  const ordered = graph.node('Transpose', [taps], { perm: [0, 2, 1, 3] });
  const [start, end] = [graph.integers([-1]), graph.integers([-1 - height])];
  return graph.node('Slice', [ordered, start, end, graph.integers([2]), graph.integers([-1])]);
}

interface Cut {
  batch: number;
  channels: number;
  kernel: Pair;
  strides: Pair;
  pads: number[];
  /** of the image */
  size: Pair;
}

/** [batch, channels * taps, places] in the order of an image's numbers. */
function cutPatches(lowering: Lowering, image: string, { batch, channels, kernel, strides, pads, size }: Cut): string {
  const { graph } = lowering;
  if (lowering.target.groupsConvolutions) {
    return graph.node('Conv', [image, identityFilters(lowering, channels, kernel)], { group: channels, strides, pads });
  }
  const single = lowering.reshaped(image, [batch * channels, 1, ...size]);
  return graph.node('Conv', [single, identityFilters(lowering, 1, kernel)], { strides, pads });
}

/** [channels * taps, 1, height, width]: one filter for each tap of each channel, 1 there and 0 elsewhere. */
function identityFilters({ graph }: Lowering, channels: number, [height, width]: Pair): string {
  const taps = height * width;
  const values = new Float32Array(channels * taps * taps);
  for (let filter = 0; filter < channels * taps; filter++) values[filter * taps + (filter % taps)] = 1;
  return graph.constant('float32', [channels * taps, 1, height, width], values);
}

/**
 * The sum over the batch of a b^T for a [batch, rows, depth] and b [batch, columns, depth]. Products of single images
 * need room for one result each; where that is more than the operands themselves, one long product is cheaper.
 */
function sumOfProducts(
  lowering: Lowering,
  a: string,
  b: string,
  { batch, rows, columns, depth }: { batch: number; rows: number; columns: number; depth: number },
): string {
  const { graph } = lowering;
  if (rows * columns <= (rows + columns) * depth) {
    const products = graph.node('FusedMatMul', [a, b], { transB: 1 }, microsoft);
    return graph.node('ReduceSum', [products, graph.integers([0])], { keepdims: 0 });
  }
  const long = (value: string, count: number): string =>
    lowering.reshaped(graph.node('Transpose', [value], { perm: [1, 0, 2] }), [count, batch * depth]);
  return graph.node('Gemm', [long(a, rows), long(b, columns)], { transB: 1 });
}

export const convolutionLowerings: LoweringTable = {
  Conv2D: convolve,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
};
