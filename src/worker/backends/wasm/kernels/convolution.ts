import type { TensorInfo } from '@tensorflow/tfjs';
import { allFloat, type Attributes, type Inputs, type KernelGroup, type WasmContext } from '../wasmContext.ts';
import { packedBytes, packPanels } from './panels.ts';

/** conv2d and its gradients (resources/wasm/conv.h). Layout NHWC, filters HWIO; dilated ones are tfjs' own. */
export function convolutionKernels(context: WasmContext): KernelGroup {
  return {
    kernels: [
      { name: 'Conv2D', run: (inputs, attributes) => forward(context, inputs, attributes) },
      { name: 'Conv2DBackpropInput', run: (inputs, attributes) => inputGradient(context, inputs, attributes) },
      { name: 'Conv2DBackpropFilter', run: (inputs, attributes) => filterGradient(context, inputs, attributes) },
    ],
  };
}

type Shape4 = [number, number, number, number];

/** A convolution as the kernels see it; the frame is the input with its zero border. */
interface Geometry {
  batch: number;
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  top: number;
  left: number;
}

function geometryOf(
  { tf }: WasmContext,
  inputShape: number[],
  filterShape: number[],
  attributes: Attributes,
): Geometry {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    attributes.strides as [number, number],
    1,
    attributes.pad as 'same',
    attributes.dimRoundingMode as 'floor',
    false,
    'channelsLast',
  );
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
}

interface Frame {
  height: number;
  width: number;
  /** false where the image itself serves */
  needed: boolean;
}

function frameOf(g: Geometry): Frame {
  const height = (g.outHeight - 1) * g.strideHeight + g.filterHeight;
  const width = (g.outWidth - 1) * g.strideWidth + g.filterWidth;
  const needed = g.top > 0 || g.left > 0 || height > g.height || width > g.width;
  return needed ? { height, width, needed } : { height: g.height, width: g.width, needed };
}

/** The integers 5 to 19 of every kernel in conv.h. */
function shapeIntegers(g: Geometry, frame: Frame): number[] {
  return [
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.top,
    g.left,
    frame.height,
    frame.width,
    Number(frame.needed),
  ];
}

function forward(context: WasmContext, inputs: Inputs, attributes: Attributes): TensorInfo {
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const dilations = [attributes.dilations ?? 1].flat() as number[];
  const unsupported = dilations.some((dilation) => dilation !== 1) || attributes.dataFormat === 'NCHW';
  if (unsupported || !allFloat(x, filter)) return context.stock('Conv2D', inputs, attributes);
  const g = geometryOf(context, x.shape, filter.shape, attributes);
  const depth = g.filterHeight * g.filterWidth * g.channels;
  const y = context.output([g.batch, g.outHeight, g.outWidth, g.outChannels]);
  convolve(context, g, context.pointer(x), context.pointer(y), {
    from: context.pointer(filter),
    depth,
    columns: g.outChannels,
    innerStride: g.outChannels,
    columnStride: 1,
  });
  return y;
}

type FilterPacking = Omit<Parameters<typeof packPanels>[1], 'to'>;

function convolve({ kernels }: WasmContext, g: Geometry, from: number, to: number, filter: FilterPacking): void {
  const frame = frameOf(g);
  const packed = packedBytes(kernels, filter.depth, filter.columns);
  const workerFloats = frame.needed ? frame.height * frame.width * g.channels : 0;
  kernels.withScratch(packed + 4 * workerFloats * kernels.threads, (scratch) => {
    packPanels(kernels, { ...filter, to: scratch });
    const pointers = [from, scratch, to, scratch + packed, workerFloats];
    kernels.run('convForward', g.batch, [...pointers, ...shapeIntegers(g, frame)]);
  });
}

/**
 * dX. With stride 1 it is the convolution of dY with the filter turned by 180 degrees; above, every dY pixel times the
 * filter is added where it came from.
 */
function inputGradient(context: WasmContext, inputs: Inputs, attributes: Attributes): TensorInfo {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const g = geometryOf(context, attributes.inputShape as number[], filter.shape, attributes);
  const dx = context.output([g.batch, g.height, g.width, g.channels]);
  const turned: Geometry = {
    ...g,
    height: g.outHeight,
    width: g.outWidth,
    channels: g.outChannels,
    outHeight: g.height,
    outWidth: g.width,
    outChannels: g.channels,
    top: g.filterHeight - 1 - g.top,
    left: g.filterWidth - 1 - g.left,
  };
  const isPlain = g.strideHeight === 1 && g.strideWidth === 1 && turned.top >= 0 && turned.left >= 0;
  if (isPlain) {
    const tap = g.channels * g.outChannels;
    const taps = g.filterHeight * g.filterWidth;
    convolve(context, turned, context.pointer(dy), context.pointer(dx), {
      from: context.pointer(filter) + 4 * (taps - 1) * tap,
      depth: taps * g.outChannels,
      columns: g.channels,
      inner: g.outChannels,
      outerStride: -tap,
      innerStride: 1,
      columnStride: g.outChannels,
    });
  } else {
    scatter(context, g, context.pointer(dy), context.pointer(filter), context.pointer(dx));
  }
  return dx;
}

function scatter({ kernels }: WasmContext, g: Geometry, dy: number, filter: number, dx: number): void {
  const frame: Frame = {
    height: (g.outHeight - 1) * g.strideHeight + g.filterHeight,
    width: (g.outWidth - 1) * g.strideWidth + g.filterWidth,
    needed: true,
  };
  const columns = g.filterWidth * g.channels;
  const rowBytes = packedBytes(kernels, g.outChannels, columns);
  const workerFloats = frame.height * frame.width * g.channels;
  kernels.withScratch(rowBytes * g.filterHeight + 4 * workerFloats * kernels.threads, (scratch) => {
    for (let row = 0; row < g.filterHeight; row++) {
      packPanels(kernels, {
        from: filter + 4 * row * columns * g.outChannels,
        to: scratch + row * rowBytes,
        depth: g.outChannels,
        columns,
        innerStride: 1,
        columnStride: g.outChannels,
      });
    }
    const pointers = [dy, scratch, dx, scratch + rowBytes * g.filterHeight, workerFloats];
    kernels.run('convInputGradient', g.batch, [...pointers, ...shapeIntegers(g, frame)]);
  });
}

/** Parts in which a batch's filter gradient is summed, whatever the number of threads, and the memory they may take. */
const mostParts = 16;
const mostPartialFloats = 16 * 2 ** 20;

/** dF[i,j,c,o] = sum over n,y,x of X[n, s y + i - top, s x + j - left, c] dY[n,y,x,o] */
function filterGradient(context: WasmContext, inputs: Inputs, attributes: Attributes): TensorInfo {
  const { kernels } = context;
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const filterShape = attributes.filterShape as number[];
  const g = geometryOf(context, x.shape, filterShape, attributes);
  const columns = g.filterWidth * g.channels;
  const rows = g.filterHeight * columns;
  const paddedChannels = Math.ceil(g.outChannels / kernels.panelColumns) * kernels.panelColumns;
  const partFloats = rows * paddedChannels;
  const wantedParts = Math.max(1, Math.min(g.batch, mostParts, Math.floor(mostPartialFloats / partFloats)));
  const imagesPerPart = Math.ceil(g.batch / wantedParts);
  const parts = Math.ceil(g.batch / imagesPerPart);
  const plain = frameOf(g);
  // the kernel reads four columns at a time, so a row that is no multiple of four needs room behind it
  const frame = columns % 4 === 0 || plain.needed ? plain : { ...plain, needed: true };
  const frameFloats = frame.needed ? frame.height * frame.width * g.channels + 8 : 0;
  const gradientFloats = paddedChannels === g.outChannels ? 0 : g.outHeight * g.outWidth * paddedChannels;
  const workerFloats = frameFloats + gradientFloats;

  const gradient = context.output(filterShape);
  kernels.withScratch(4 * (parts * partFloats + workerFloats * kernels.threads), (partials) => {
    const scratch = partials + 4 * parts * partFloats;
    const pointers = [context.pointer(x), context.pointer(dy), partials, scratch, workerFloats];
    const integers = [...pointers, ...shapeIntegers(g, frame), imagesPerPart, g.batch];
    kernels.run('convFilterGradient', parts, integers);
    const rowsPerChunk = Math.max(1, Math.ceil(4096 / paddedChannels));
    kernels.run('sumPartials', Math.ceil(rows / rowsPerChunk), [
      partials,
      context.pointer(gradient),
      parts,
      rows,
      g.outChannels,
      paddedChannels,
      rowsPerChunk,
    ]);
  });
  return gradient;
}
