import { commonLayout, type Lower, type Lowering, type LoweringTable } from '../lowering.ts';
import { isAscending, permutationOf } from '../layout.ts';

/** Operators of opset 17 that take their axes as an input; the others take them as an attribute. */
const axesAsInput = new Set(['ReduceSum']);

function reduce(operator: string): Lower {
  return (lowering, { x }, attributes) => {
    const { axis, reductionIndices, keepDims } = attributes as {
      axis?: number | number[];
      reductionIndices?: number | number[];
      keepDims?: boolean;
    };
    const { shape, dtype } = x!;
    const axes = lowering.tf.util.parseAxisParam((axis ?? reductionIndices) as number[], shape);
    if (axes.length === 0) return lowering.alias(x!);
    const kept = shape.map((_, index) => index).filter((index) => !axes.includes(index));
    const ownLayout = commonLayout(lowering, [x!]);
    // without the reduced axes nothing tells the layout, so the rest must stand in its plain order
    const rest = permutationOf(ownLayout, shape.length).filter((index) => kept.includes(index));
    const layout = keepDims || isAscending(rest) ? ownLayout : 'plain';
    const permutation = permutationOf(layout, shape.length);
    const reduced = emit(lowering, operator, lowering.value(x!, layout), {
      axes: axes.map((index) => permutation.indexOf(index)).toSorted((a, b) => a - b),
      keepDims: keepDims ?? false,
    });
    if (keepDims)
      return lowering.define(
        shape.map((length, i) => (axes.includes(i) ? 1 : length)),
        reduced,
        dtype,
        layout,
      );
    return lowering.define(
      kept.map((index) => shape[index]!),
      reduced,
      dtype,
    );
  };
}

function emit(
  { graph }: Lowering,
  operator: string,
  value: string,
  { axes, keepDims }: { axes: number[]; keepDims: boolean },
): string {
  const keepdims = Number(keepDims);
  if (axesAsInput.has(operator)) return graph.node(operator, [value, graph.integers(axes)], { keepdims });
  return graph.node(operator, [value], { axes, keepdims });
}

const argMax: Lower = (lowering, { x }, { axis }) => {
  const { graph, tf } = lowering;
  const [along] = tf.util.parseAxisParam(axis as number, x!.shape);
  const index = graph.node('ArgMax', [lowering.value(x!)], { axis: along!, keepdims: 0 });
  const shape = x!.shape.filter((_, i) => i !== along);
  return lowering.define(shape, graph.node('Cast', [index], { to: 6 }), 'int32');
};

export const reductionLowerings: LoweringTable = {
  Sum: reduce('ReduceSum'),
  Mean: reduce('ReduceMean'),
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  ArgMax: argMax,
};
