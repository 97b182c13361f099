import type { Lower, LoweringTable } from '../lowering.ts';

const matMul: Lower = (lowering, { a, b }, attributes) => {
  const { graph } = lowering;
  const [transA, transB] = [Boolean(attributes['transposeA']), Boolean(attributes['transposeB'])];
  const rows = a!.shape.at(transA ? -1 : -2)!;
  const columns = b!.shape.at(transB ? -2 : -1)!;
  if (a!.shape.length === 2 && b!.shape.length === 2) {
    const operands = [lowering.value(a!), lowering.value(b!)];
    const product = graph.node('Gemm', operands, { transA: Number(transA), transB: Number(transB) });
    return lowering.define([rows, columns], product);
  }
  const swapped = (value: string, rank: number): string =>
    graph.node('Transpose', [value], { perm: [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2] });
  const [left, right] = [a!, b!].map((each, i) =>
    [transA, transB][i] ? swapped(lowering.value(each), each.shape.length) : lowering.value(each),
  ) as [string, string];
  const batch = lowering.tf.backend_util.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  return lowering.define([...batch, rows, columns], graph.node('MatMul', [left, right]));
};

export const matMulLowerings: LoweringTable = { BatchMatMul: matMul };
