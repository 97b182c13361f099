import type { Tensor } from '@tensorflow/tfjs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Device, Tf, FusedUpdate, UpdateNorms } from '../../../src/worker/backends/device.ts';

export const wasmDir = path.resolve(import.meta.dirname, '../../../resources/wasm');

/** Seeded normal numbers, so that a failure can be repeated. */
export function normals(count: number, seed = 1): Float32Array {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

export function randomTensor(tf: Tf, shape: number[], seed = 1): Tensor {
  return tf.tensor(
    normals(
      shape.reduce((product, length) => product * length, 1),
      seed,
    ),
    shape,
  );
}

/** A padding as tfjs takes it; a number stands for all four sides. */
export type Pad = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** So many rows above and below and columns left and right. */
export const around = (rows: number, columns: number): Pad => [
  [0, 0],
  [rows, rows],
  [columns, columns],
  [0, 0],
];

/** Builds inputs and results from scratch on whatever backend is current. */
export type Computation = (tf: Tf) => Tensor | Tensor[];

interface Computed {
  shape: number[];
  values: number[];
}

function compute(tf: Tf, computation: Computation): Computed[] {
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => computation(tf));
  const computed = [results].flat().map((result) => ({ shape: result.shape, values: [...result.dataSync()] }));
  tf.dispose(results);
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  return computed;
}

/**
 * Computes on the device and on tfjs' cpu backend, and expects equal shapes and numbers equal to `tolerance` of the
 * largest number of each result, with no tensor and no memory left behind.
 */
export async function expectLikeCpu(device: Device, computation: Computation, tolerance = 1e-5): Promise<void> {
  const { tf } = device;
  const buffersBefore = tf.memory().numDataBuffers;
  const own = compute(tf, computation);
  expect(tf.memory().numDataBuffers, 'buffers left behind').toBe(buffersBefore);
  await tf.setBackend('cpu');
  const reference = compute(tf, computation);
  await tf.setBackend(device.id);
  expect(own.map(({ shape }) => shape)).toEqual(reference.map(({ shape }) => shape));
  const wrong: string[] = [];
  for (const [index, { values }] of reference.entries()) {
    const scale = Math.max(1e-30, ...values.map((value) => (Number.isFinite(value) ? Math.abs(value) : 0)));
    for (const [at, expected] of values.entries()) {
      const actual = own[index]!.values[at]!;
      const isClose =
        Object.is(actual, expected) || actual === expected || Math.abs(actual - expected) <= tolerance * scale;
      if (!isClose) wrong.push(`result ${index}, number ${at}: ${actual} where the cpu backend has ${expected}`);
    }
  }
  expect(wrong.slice(0, 5)).toEqual([]);
}

/** The norms that a fused update reports, read from the device where they lie there. */
export async function readNorms(reported: ReturnType<FusedUpdate>): Promise<UpdateNorms | undefined> {
  if (reported === undefined || 'gradSquared' in reported) return reported;
  const sums = [0, 0, 0];
  (await reported.data()).forEach((part, at) => (sums[at % 3]! += part));
  reported.dispose();
  return { gradSquared: sums[0]!, updateSquared: sums[1]!, weightSquared: sums[2]! };
}
