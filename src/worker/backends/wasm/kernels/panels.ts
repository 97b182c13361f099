import type { KernelThreads } from '../kernelThreads.ts';

export interface Packing {
  /** pointers */
  from: number;
  to: number;
  depth: number;
  columns: number;
  /** element (k, n) lies (k / inner) outerStride + (k % inner) innerStride + n columnStride numbers after `from` */
  inner?: number;
  outerStride?: number;
  innerStride: number;
  columnStride: number;
}

export function packedBytes(kernels: KernelThreads, depth: number, columns: number): number {
  return 4 * depth * Math.ceil(columns / kernels.panelColumns) * kernels.panelColumns;
}

/** Rearranges the right side of a matrix product into panels of a few columns (see gemm.h). */
export function packPanels(kernels: KernelThreads, packing: Packing): void {
  const { from, to, depth, columns, inner = depth, outerStride = 0, innerStride, columnStride } = packing;
  const panels = Math.ceil(columns / kernels.panelColumns);
  kernels.run('packPanels', panels, [from, to, depth, columns, inner, outerStride, innerStride, columnStride]);
}
