import type { Lowering } from '../lowering.ts';
import { microsoftBlocked } from '../onnxGraph.ts';

interface Convolution {
  channels: number;
  filters: number;
  kernel: readonly [number, number];
  strides: readonly number[];
  pads: readonly number[];
}

/**
 * A convolution of an NCHW image with OIHW filters, result NCHW. Where the numbers of channels allow, it is done in ONNX
 * Runtime's own order of channels in blocks, as wide as the processor's vectors, which is up to twice as fast even with
 * the reordering at both ends.
 */
export function blockedConvolution(lowering: Lowering, image: string, weights: string, shape: Convolution): string {
  const { graph } = lowering;
  const { blockSize } = lowering.target;
  const { channels, filters, kernel, strides, pads } = shape;
  const isBlocked = blockSize > 0 && filters % blockSize === 0 && (channels % blockSize === 0 || channels < blockSize);
  if (!isBlocked) return graph.node('Conv', [image, weights], { strides, pads });
  const attributes = { strides, pads, kernel_shape: kernel, dilations: [1, 1], group: 1 };
  const input = channels < blockSize ? image : graph.node('ReorderInput', [image], {}, microsoftBlocked);
  const operands = [input, blockedFilters(lowering, weights, shape)];
  const blocked = graph.node('Conv', operands, attributes, microsoftBlocked);
  return graph.node('ReorderOutput', [blocked], { channels: filters }, microsoftBlocked);
}

/** OIHW as O/b I/b H W b(i) b(o), or O/b I H W b(o) where the image has fewer channels than a block. */
function blockedFilters(
  lowering: Lowering,
  weights: string,
  { channels, filters, kernel: [height, width] }: Convolution,
): string {
  const { graph } = lowering;
  const { blockSize } = lowering.target;
  const shape = [filters, channels, height, width];
  if (channels < blockSize) {
    const split = lowering.reshaped(weights, [filters / blockSize, blockSize, channels, height, width]);
    return lowering.reshaped(graph.node('Transpose', [split], { perm: [0, 2, 3, 4, 1] }), shape);
  }
  const blocks = [filters / blockSize, blockSize, channels / blockSize, blockSize, height, width];
  const split = lowering.reshaped(weights, blocks);
  return lowering.reshaped(graph.node('Transpose', [split], { perm: [0, 2, 4, 5, 3, 1] }), shape);
}
