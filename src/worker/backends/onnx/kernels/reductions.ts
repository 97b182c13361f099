import { commonLayout, type Lower, type Lowering, type LoweringTable } from '../lowering.ts';
import { isAscending, permutationOf } from '../layout.ts';

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

interface Reduction {
  axes: number[];
  keepDims: boolean;
}

function emit(lowering: Lowering, operator: string, value: string, reduction: Reduction): string {
  const { graph } = lowering;
  const keepdims = Number(reduction.keepDims);
  const { axes } = reduction;
  if (operator !== 'ReduceSum') return graph.node(operator, [value], { axes, keepdims });
  const squared = squareRootOf(lowering, value);
  if (squared === undefined) return graph.node(operator, [value, graph.integers(axes)], { keepdims });
  if (axes.length < 2 || reduction.keepDims) return graph.node('ReduceSumSquare', [squared], { axes, keepdims });
  // one long sum in float32 loses digits, and one thread would take it; sums of rows first
  const rows = graph.node('ReduceSumSquare', [squared], { axes: axes.slice(-1), keepdims: 0 });
  return graph.node('ReduceSum', [rows, graph.integers(axes.slice(0, -1))], { keepdims: 0 });
}

/** What was multiplied by itself to give the value. */
function squareRootOf({ graph }: Lowering, value: string): string | undefined {
  const producer = graph.producerOf(value);
  return producer?.operator === 'Mul' && producer.inputs[0] === producer.inputs[1] ? producer.inputs[0] : undefined;
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
