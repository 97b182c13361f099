/**
 * In which order a graph value keeps the axes of a tensor. Tensors of tfjs are `plain` (images NHWC, filters HWIO);
 * ONNX' convolutions want images NCHW and filters OIHW.
 */
export type Layout = 'plain' | 'nchw' | 'oihw';

/** Axis i of the layout is axis `permutations[layout][i]` of the plain tensor. */
const permutations = { nchw: [0, 3, 1, 2], oihw: [3, 2, 0, 1] } as const;

export function permutationOf(layout: Layout, rank: number): readonly number[] {
  return layout === 'plain' ? Array.from({ length: rank }, (_, axis) => axis) : permutations[layout];
}

export function inversePermutation(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

export function permute(shape: readonly number[], permutation: readonly number[]): number[] {
  return permutation.map((axis) => shape[axis]!);
}

/** Whether permuting leaves the numbers in their order, because only axes of length 1 pass each other. */
export function keepsOrder(shape: readonly number[], permutation: readonly number[]): boolean {
  return isAscending(permutation.filter((axis) => shape[axis] !== 1));
}

export function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || values[index - 1]! < value);
}
