import type { DataType, TensorInfo } from '@tensorflow/tfjs';
import { permutationOf, permute, type Layout } from '../layout.ts';
import { commonLayout, type Lower, type Lowering } from '../lowering.ts';

/** Gives the graph value of a result from those of its operands. */
export type Combine = (lowering: Lowering, a: string, b: string) => string;

/** Two tensors, broadcast, in whichever layout they are. */
export function binary(combine: Combine, dtype?: DataType): Lower {
  return (lowering, { a, b }) => {
    const shape = lowering.tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape);
    const layout = commonLayout(lowering, [a!, b!]);
    const [left, right] = [a!, b!].map((each) => lowering.operand(each, layout, shape.length)) as [string, string];
    const result = combine(lowering, left, right);
    return lowering.define(shape, expanded(lowering, result, [a!, b!], shape, layout), dtype ?? a!.dtype, layout);
  };
}

/** The result of `tensors` in its whole shape: fills enter a graph as single numbers, which may leave it short. */
export function expanded(
  lowering: Lowering,
  value: string,
  tensors: readonly TensorInfo[],
  shape: readonly number[],
  layout: Layout,
): string {
  const lengths = tensors.map((tensor) => (lowering.symbol(tensor).fill === undefined ? tensor.shape : []));
  const actual = lengths.reduce((a, b) => lowering.tf.backend_util.assertAndGetBroadcastShape(a, b));
  if (actual.join() === shape.join()) return value;
  const { graph } = lowering;
  return graph.node('Expand', [value, graph.integers(permute(shape, permutationOf(layout, shape.length)))]);
}
