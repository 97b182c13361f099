import type { TensorInfo } from '@tensorflow/tfjs';
import { allFloat, sizeOf, type Attributes, type KernelGroup, type WasmContext } from '../wasmContext.ts';

/** Sums along neighbouring axes, without tfjs' transposition of everything else. */
export function reductionKernels(context: WasmContext): KernelGroup {
  return {
    kernels: (['Sum', 'Mean'] as const).map((name) => ({
      name,
      run(inputs, attributes) {
        return reduce(context, inputs.x!, attributes, name === 'Mean') ?? context.stock(name, inputs, attributes);
      },
    })),
  };
}

/** Numbers per chunk. */
const chunkSize = 16384;

function reduce(context: WasmContext, x: TensorInfo, attributes: Attributes, isMean: boolean): TensorInfo | undefined {
  const { util } = context.tf;
  const axes = util.parseAxisParam((attributes.axis ?? null) as number[], x.shape).toSorted((a, b) => a - b);
  const first = axes[0] ?? 0;
  const neighbours = axes.every((axis, index) => axis === first + index);
  const total = sizeOf(x.shape);
  if (!allFloat(x) || !neighbours || axes.length === 0 || total === 0) return undefined;
  const outer = sizeOf(x.shape.slice(0, first));
  const count = sizeOf(x.shape.slice(first, first + axes.length));
  const inner = sizeOf(x.shape.slice(first + axes.length));
  const shape = x.shape.flatMap((length, axis) => (axes.includes(axis) ? (attributes.keepDims ? [1] : []) : [length]));
  const out = context.output(shape);
  const [from, to, scale] = [context.pointer(x), context.pointer(out), isMean ? 1 / count : 1];
  if (inner === 1) sumLastAxis(context, from, to, outer, count, scale);
  else sumRows(context, from, to, outer, count, inner, scale);
  return out;
}

function sumLastAxis({ kernels }: WasmContext, from: number, to: number, rows: number, count: number, scale: number) {
  const run = (source: number, target: number, total: number, length: number, factor: number): void => {
    const lines = Math.ceil(total / length);
    const perChunk = Math.max(1, Math.floor(chunkSize / length));
    kernels.run('sumLast', Math.ceil(lines / perChunk), [source, target, total, length, lines, perChunk], [factor]);
  };
  if (rows > 1 || count <= chunkSize) {
    run(from, to, rows * count, count, scale);
    return;
  }
  const parts = Math.ceil(count / chunkSize);
  kernels.withScratch(4 * parts, (partials) => {
    run(from, partials, count, chunkSize, 1);
    run(partials, to, parts, parts, scale);
  });
}

function sumRows(
  { kernels }: WasmContext,
  from: number,
  to: number,
  outer: number,
  count: number,
  inner: number,
  scale: number,
): void {
  const perChunk = Math.max(16, Math.ceil(chunkSize / inner));
  if (outer > 1 || count <= perChunk) {
    kernels.run('sumRows', outer, [from, to, outer * count, count, inner], [scale]);
    return;
  }
  const parts = Math.ceil(count / perChunk);
  kernels.withScratch(4 * parts * inner, (partials) => {
    kernels.run('sumRows', parts, [from, partials, count, perChunk, inner], [1]);
    kernels.run('sumRows', 1, [partials, to, parts, parts, inner], [scale]);
  });
}
