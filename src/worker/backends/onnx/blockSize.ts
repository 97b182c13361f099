import type { Tf } from '../device.ts';
import { blockedConvolution } from './kernels/blockedConvolution.ts';
import { Lowering } from './lowering.ts';
import type { OnnxValue } from './onnxGraph.ts';
import type { OnnxRuntime } from './runtime.ts';

/** The vectors that ONNX Runtime's convolutions in blocks are written for: AVX-512 or ARM, then AVX2. */
const candidates = [16, 8];

const convolutions = [
  { channels: 32, filters: 32, kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
  { channels: 3, filters: 16, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
] as const;
const size = 6;

/**
 * Channels per block of ONNX Runtime's own order of images on this processor. It does not tell, so each possible size is
 * tried on small convolutions, whose results must be those of plain ones; 0 where none gives them.
 */
export async function findBlockSize(tf: Tf, runtime: OnnxRuntime): Promise<number> {
  for (const blockSize of candidates) {
    if (await isRight(tf, runtime, blockSize)) return blockSize;
  }
  return 0;
}

async function isRight(tf: Tf, runtime: OnnxRuntime, blockSize: number): Promise<boolean> {
  const lowering = new Lowering(tf, { blockSize, findsMaxima: true, groupsConvolutions: true });
  const { graph } = lowering;
  const outputs: OnnxValue[] = [];
  const feeds: Record<string, InstanceType<OnnxRuntime['Tensor']>> = {};
  const input = (name: string, shape: number[]): string => {
    const count = shape.reduce((product, length) => product * length, 1);
    // numbers that differ from place to place, so that no wrong order gives the same sums
    const values = Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 101) / 50 - 1);
    feeds[name] = new runtime.Tensor('float32', values, shape);
    return graph.input({ name, type: 'float32', shape });
  };
  for (const [index, shape] of convolutions.entries()) {
    const { channels, filters, kernel, strides, pads } = shape;
    const image = input(`image${index}`, [1, channels, size, size]);
    const weights = input(`weights${index}`, [filters, channels, ...kernel]);
    const outSize = strides[0] === 1 ? size : size / 2;
    const results = [
      blockedConvolution(lowering, image, weights, shape),
      graph.node('Conv', [image, weights], { strides, pads }),
    ];
    for (const name of results) outputs.push({ name, type: 'float32', shape: [1, filters, outSize, outSize] });
  }
  try {
    const session = await runtime.InferenceSession.create(graph.encode(outputs).bytes, {
      executionProviders: ['cpu'],
      // optimising would put the plain ones into blocks too
      graphOptimizationLevel: 'disabled',
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    const results = await session.run(feeds);
    await session.release();
    const values = outputs.map(({ name }) => results[name]!.data as Float32Array);
    return convolutions.every((_, index) => agree(values[2 * index]!, values[2 * index + 1]!));
  } catch {
    // this version or processor has no such convolutions
    return false;
  }
}

function agree(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - b[i]!) < 1e-3);
}
