import type { TensorInfo } from '@tensorflow/tfjs';
import { permutationOf, permute, type Layout } from '../layout.ts';
import { commonLayout, missing, type Lower, type Lowering, type LoweringTable } from '../lowering.ts';

/**
 * Training batch norm with its gradient as two kernels of their own (see `trainingBatchNorm` in src/worker/models/ops):
 * inputs x, gamma, beta; attribute epsilon; outputs y, mean, variance, 1 / sqrt(variance + epsilon).
 */
const forward: Lower = (lowering, inputs, { epsilon }) => {
  const { x, gamma, beta } = inputs as { x: TensorInfo; gamma: TensorInfo; beta: TensorInfo };
  const { graph } = lowering;
  const norm = normOf(lowering, x, [x]);
  const mean = lowering.reshaped(norm.means(norm.image), [norm.channels]);
  const centred = graph.node('Sub', [norm.image, norm.perChannel(mean)]);
  const variance = lowering.reshaped(norm.means(graph.node('Mul', [centred, centred])), [norm.channels]);
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.real(epsilon as number)])]);
  const inverse = graph.node('Reciprocal', [deviation]);
  const scale = graph.node('Mul', [lowering.value(gamma), inverse]);
  const scaled = graph.node('Mul', [centred, norm.perChannel(scale)]);
  const y = graph.node('Add', [scaled, norm.perChannel(lowering.value(beta))]);
  return [
    lowering.define(x.shape, y, 'float32', norm.layout),
    ...[mean, variance, inverse].map((value) => lowering.define([norm.channels], value)),
  ];
};

/** dx = gamma r (dy - mean(dy) - c r^2 mean(dy c)) with c = x - mean(x) and r = 1 / sqrt(variance + epsilon) */
const gradient: Lower = (lowering, inputs) => {
  const { dy, x, gamma, mean, inverseDeviation } = inputs as Record<string, TensorInfo> &
    Record<'dy' | 'x', TensorInfo>;
  const { graph } = lowering;
  const norm = normOf(lowering, x, [x, dy]);
  const slope = lowering.value(dy, norm.layout);
  const inverse = lowering.value(inverseDeviation!);
  const centred = graph.node('Sub', [norm.image, norm.perChannel(lowering.value(mean!))]);
  const dBeta = lowering.reshaped(norm.sums(slope), [norm.channels]);
  const product = lowering.reshaped(norm.sums(graph.node('Mul', [slope, centred])), [norm.channels]);
  const dGamma = graph.node('Mul', [inverse, product]);
  const scale = graph.node('Mul', [lowering.value(gamma!), inverse]);
  const share = graph.node('Mul', [
    graph.node('Mul', [scale, inverse]),
    graph.node('Div', [dGamma, graph.real(norm.count)]),
  ]);
  const shift = graph.node('Div', [graph.node('Mul', [scale, dBeta]), graph.real(norm.count)]);
  // dx = scale dy - (share c + shift), three passes over the images
  const scaled = graph.node('Mul', [slope, norm.perChannel(scale)]);
  const along = graph.node('Add', [graph.node('Mul', [centred, norm.perChannel(share)]), norm.perChannel(shift)]);
  return [
    lowering.define(x.shape, graph.node('Sub', [scaled, along]), 'float32', norm.layout),
    lowering.define([norm.channels], dGamma),
    lowering.define([norm.channels], dBeta),
  ];
};

interface Norm {
  layout: Layout;
  image: string;
  channels: number;
  /** numbers per channel */
  count: number;
  /** one number per channel, kept in shape */
  means(value: string): string;
  sums(value: string): string;
  /** [channels] in a shape that broadcasts over the images */
  perChannel(value: string): string;
}

function normOf(lowering: Lowering, x: TensorInfo, tensors: readonly TensorInfo[]): Norm {
  const rank = x.shape.length;
  if (rank !== 2 && rank !== 4) throw missing('TrainingBatchNorm', `of ${rank} axes`);
  const { graph } = lowering;
  const layout = commonLayout(lowering, tensors);
  const channels = x.shape.at(-1)!;
  const permutation = permutationOf(layout, rank);
  const isChannels = (axis: number): boolean => axis === rank - 1;
  const shape = permute(
    x.shape.map((length, axis) => (isChannels(axis) ? length : 1)),
    permutation,
  );
  const axes = shape.map((_, index) => index).filter((index) => !isChannels(permutation[index]!));
  return {
    layout,
    image: lowering.value(x, layout),
    channels,
    count: x.shape.reduce((product, length) => product * length, 1) / channels,
    means: (value) => graph.node('ReduceMean', [value], { axes, keepdims: 1 }),
    sums: (value) => graph.node('ReduceSum', [value, graph.integers(axes)], { keepdims: 1 }),
    perChannel: (value) => lowering.reshaped(value, shape),
  };
}

export const batchNormLowerings: LoweringTable = { TrainingBatchNorm: forward, TrainingBatchNormGrad: gradient };
