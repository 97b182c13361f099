import type { TensorInfo } from '@tensorflow/tfjs';
import { allFloat, sizeOf, type Attributes, type Inputs, type KernelGroup, type WasmContext } from '../wasmContext.ts';
import { packedBytes, packPanels } from './panels.ts';

/** Our matrix product: threaded, and as fast for transposed sides, which both gradients of a product have. */
export function matMulKernels(context: WasmContext): KernelGroup {
  return {
    kernels: [
      {
        name: 'BatchMatMul',
        run(inputs, attributes) {
          const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
          return ownProduct(context, a, b, attributes) ?? stockProduct(context, 'BatchMatMul', inputs, attributes);
        },
      },
      {
        name: '_FusedMatMul',
        run: (inputs, attributes) => stockProduct(context, '_FusedMatMul', inputs, attributes),
      },
    ],
  };
}

/** Multiply-adds that are worth a chunk of their own. */
const chunkWork = 100_000;

/** Undefined where the batch dimensions are not equal. */
function ownProduct(
  context: WasmContext,
  a: TensorInfo,
  b: TensorInfo,
  attributes: Attributes,
): TensorInfo | undefined {
  const transposeA = Boolean(attributes.transposeA);
  const transposeB = Boolean(attributes.transposeB);
  const batchShape = a.shape.slice(0, -2);
  const sameBatch = b.shape.length === a.shape.length && batchShape.every((length, axis) => length === b.shape[axis]);
  if (!allFloat(a, b) || !sameBatch) return undefined;
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [rows, depth] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const columns = transposeB ? bRows : bColumns;
  const result = context.output([...batchShape, rows, columns]);
  const batch = sizeOf(batchShape);
  for (let index = 0; index < batch; index++) {
    multiply(context, {
      a: context.pointer(a) + 4 * index * rows * depth,
      b: context.pointer(b) + 4 * index * depth * columns,
      result: context.pointer(result) + 4 * index * rows * columns,
      rows,
      columns,
      depth,
      transposeA,
      transposeB,
    });
  }
  return result;
}

interface Product {
  /** pointers */
  a: number;
  b: number;
  result: number;
  rows: number;
  columns: number;
  depth: number;
  transposeA: boolean;
  transposeB: boolean;
}

function multiply({ kernels }: WasmContext, product: Product): void {
  const { a, b, result, rows, columns, depth, transposeA, transposeB } = product;
  const [rowStride, columnStride] = transposeB ? [1, depth] : [columns, 1];
  const enough = Math.ceil(chunkWork / (depth * columns) / 4) * 4;
  const chunkRows = Math.max(rows > 512 ? 32 : 16, enough);
  const packed = packedBytes(kernels, depth, columns);
  const workerFloats = transposeA ? chunkRows * kernels.depth : 0;
  kernels.withScratch(packed + 4 * workerFloats * kernels.threads, (scratch) => {
    packPanels(kernels, { from: b, to: scratch, depth, columns, innerStride: rowStride, columnStride });
    kernels.run('gemm', Math.ceil(rows / chunkRows), [
      a,
      scratch,
      result,
      rows,
      columns,
      depth,
      Number(transposeA),
      chunkRows,
      scratch + packed,
      workerFloats,
    ]);
  });
}

/** tfjs' product, fast only when neither side is transposed; a transposed side is therefore straightened first. */
function stockProduct(context: WasmContext, name: string, inputs: Inputs, attributes: Attributes): TensorInfo {
  const transposed: TensorInfo[] = [];
  const straighten = (tensor: TensorInfo, isTransposed: unknown): TensorInfo => {
    if (!isTransposed) return tensor;
    const result = swapLastAxes(context, tensor);
    transposed.push(result);
    return result;
  };
  const a = straighten(inputs.a!, attributes.transposeA);
  const b = straighten(inputs.b!, attributes.transposeB);
  const result = context.stock(name, { ...inputs, a, b }, { ...attributes, transposeA: false, transposeB: false });
  context.dispose(...transposed);
  return result;
}

function swapLastAxes(context: WasmContext, x: TensorInfo): TensorInfo {
  const axes = x.shape.map((_, axis) => axis);
  const [last, beforeLast] = [axes.pop()!, axes.pop()!];
  return context.stock('Transpose', { x }, { perm: [...axes, last, beforeLast] });
}
