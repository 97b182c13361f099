import type { DataType, TensorInfo } from '@tensorflow/tfjs';
import type { Lower, Lowering, LoweringTable } from '../lowering.ts';

const identity: Lower = (lowering, { x }) => lowering.alias(x!);

const reshape: Lower = (lowering, { x }, { shape }) => {
  const size = x!.shape.reduce((product, length) => product * length, 1);
  return reshapedTo(lowering, x!, lowering.tf.util.inferFromImplicitShape(shape as number[], size));
};

function reshapedTo(lowering: Lowering, x: TensorInfo, target: number[]): TensorInfo {
  const { fill } = lowering.symbol(x);
  if (fill !== undefined) return lowering.defineFill(target, fill, x.dtype);
  if (target.join() === x.shape.join()) return lowering.alias(x);
  return lowering.define(target, lowering.reshaped(lowering.value(x), target), x.dtype);
}

function withAxis(lowering: Lowering, tensor: TensorInfo, at: number): TensorInfo {
  const shape = tensor.shape.toSpliced(at < 0 ? tensor.shape.length + 1 + at : at, 0, 1);
  return reshapedTo(lowering, tensor, shape);
}

const transpose: Lower = (lowering, { x }, attributes) => {
  const perm = attributes['perm'] as number[];
  const shape = perm.map((axis) => x!.shape[axis]!);
  return lowering.define(shape, lowering.permuted(lowering.value(x!), x!.shape, perm), x!.dtype);
};

const tile: Lower = (lowering, { x }, attributes) => {
  const reps = attributes['reps'] as number[];
  const shape = x!.shape.map((length, axis) => length * reps[axis]!);
  const { graph } = lowering;
  return lowering.define(shape, graph.node('Tile', [lowering.value(x!), graph.integers(reps)]), x!.dtype);
};

function concatenated(lowering: Lowering, tensors: readonly TensorInfo[], along: number): TensorInfo {
  const [axis] = lowering.tf.util.parseAxisParam(along, tensors[0]!.shape);
  const shape = [...tensors[0]!.shape];
  shape[axis!] = tensors.reduce((length, tensor) => length + tensor.shape[axis!]!, 0);
  const parts = tensors.map((tensor) => lowering.value(tensor));
  return lowering.define(shape, lowering.graph.node('Concat', parts, { axis: axis! }), tensors[0]!.dtype);
}

const concat: Lower = (lowering, inputs, { axis }) => concatenated(lowering, Object.values(inputs), axis as number);

const pack: Lower = (lowering, inputs, { axis }) => {
  const rows = Object.values(inputs).map((each) => withAxis(lowering, each, axis as number));
  return concatenated(lowering, rows, axis as number);
};

const fill: Lower = (lowering, _, { shape, value, dtype }) =>
  lowering.defineFill(shape as number[], value as number, (dtype as DataType | undefined) ?? 'float32');

export const shapeLowerings: LoweringTable = {
  Identity: identity,
  Reshape: reshape,
  ExpandDims: (lowering, { input }, { dim }) => withAxis(lowering, input!, dim as number),
  Transpose: transpose,
  Tile: tile,
  Concat: concat,
  Pack: pack,
  Fill: fill,
  ZerosLike: (lowering, { x }) => lowering.defineFill(x!.shape, 0, x!.dtype),
  OnesLike: (lowering, { x }) => lowering.defineFill(x!.shape, 1, x!.dtype),
};
