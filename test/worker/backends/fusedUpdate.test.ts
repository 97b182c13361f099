import type { Tensor } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findOptimizer, optimizerIds } from '../../../src/core/optimizers/catalogue.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import { normals, readNorms, wasmDir } from './comparison.ts';
import { devicesUnderTest } from './devicesUnderTest.ts';

const numbers = {
  learningRate: 0.01,
  weightDecay: 0.02,
  beta: 0.9,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  rho: 0.8,
  nesterov: 0,
  momentum: 0.5,
  alpha: 0.01,
  tau: 0.1,
  p: 3,
  t: 1,
};

interface Scenario {
  name: string;
  hyper?: Partial<typeof numbers>;
  gradient(step: number, size: number): Float32Array;
}

const scenarios: Scenario[] = [
  { name: 'ordinary gradients', gradient: (step, size) => normals(size, 10 + step) },
  { name: 'rho 0 (p = 2)', hyper: { rho: 0, p: 2 }, gradient: (step, size) => normals(size, 10 + step) },
  { name: 'a general rho', hyper: { rho: 0.37, p: 7.5 }, gradient: (step, size) => normals(size, 10 + step) },
  { name: 'zero gradients', gradient: (_, size) => new Float32Array(size) },
  { name: 'zero gradients, epsilon 0', hyper: { epsilon: 0 }, gradient: (_, size) => new Float32Array(size) },
  {
    name: 'some zeros, epsilon 0, no decay',
    hyper: { epsilon: 0, weightDecay: 0 },
    gradient: (step, size) => normals(size, 10 + step).map((value, index) => (index % 3 === 0 ? 0 : value)),
  },
  { name: 'Nesterov and no momentum', hyper: { nesterov: 1, momentum: 0 }, gradient: (s, n) => normals(n, s) },
];

/** 1 and 3 leave a tail of every kind; 70,003 takes several chunks; 140,003 is more than all invocations of a dispatch. */
const sizesOf = (deviceId: string, id: string, scenario: string): number[] =>
  deviceId === 'wasm' ? [1, 3, 8, 70_003] : [id === 'lpsgdm' && scenario === 'a general rho' ? 140_003 : 1_003];
/** of the power of a graphics processor */
const toleranceOf = (deviceId: string): number => (deviceId === 'wasm' ? 1e-5 : 3e-5);
const steps = 5;

const devices = devicesUnderTest(['wasm']).flatMap((id) =>
  (id === 'wasm' ? [1, 2] : [1]).map((threads) => [id, threads] as const),
);

describe.each(devices)('a fused update on %s with %i threads', (deviceId, threads) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(deviceId, { threads, wasmDir });
  });
  afterAll(() => device.close());

  describe.each(optimizerIds)('%s', (id) => {
    const spec = findOptimizer(id);

    test.each(scenarios)('$name: agrees with float64', async ({ name: scenario, hyper, gradient }) => {
      const { tf } = device;
      for (const size of sizesOf(deviceId, id, scenario)) {
        const start = normals(size, 3);
        const weight = tf.tidy(() => tf.variable(tf.tensor1d(start)));
        const slots: Record<string, Tensor> = {};
        for (const { name, start: value } of spec.slots) {
          slots[name] = value === 'weight' ? tf.tensor1d(start) : tf.zeros([size]);
        }
        const theta = Float64Array.from(start);
        const state = start.reduce<Record<string, number>[]>((all, value) => {
          all.push(Object.fromEntries(spec.slots.map((slot) => [slot.name, slot.start === 'weight' ? value : 0])));
          return all;
        }, []);
        for (let step = 1; step <= steps; step++) {
          const values = { ...numbers, ...hyper, t: step };
          const g = gradient(step, size);
          const gradientTensor = tf.tensor1d(g);
          const before = [...theta];
          const norms = await readNorms(device.fusedUpdate(id, weight, gradientTensor, slots, values));
          gradientTensor.dispose();
          const expected = { gradSquared: 0, updateSquared: 0, weightSquared: 0 };
          for (let index = 0; index < size; index++) {
            const result = spec.updateScalar(theta[index]!, g[index]!, state[index]!, values);
            theta[index] = result.theta;
            state[index] = result.slots;
            expected.gradSquared += g[index]! ** 2;
            expected.updateSquared += (result.theta - before[index]!) ** 2;
            expected.weightSquared += before[index]! ** 2;
          }
          expectClose(norms!.gradSquared, expected.gradSquared, 1e-5, 'gradSquared');
          expectClose(norms!.weightSquared, expected.weightSquared, 1e-5, 'weightSquared');
          expectClose(norms!.updateSquared, expected.updateSquared, 1e-3, 'updateSquared');
        }
        // A weight near zero is the difference of larger numbers, which float32 cannot state to 1e-5 of itself.
        const scale = Math.sqrt(theta.reduce((sum, value) => sum + value * value, 0) / size);
        const after = await weight.data();
        const wrong: string[] = [];
        for (let index = 0; index < size; index++) {
          const tolerance = toleranceOf(deviceId) * Math.max(Math.abs(theta[index]!), scale);
          if (!(Math.abs(after[index]! - theta[index]!) <= tolerance)) {
            wrong.push(`size ${size}, weight ${index}: ${after[index]} where float64 has ${theta[index]}`);
          }
        }
        expect(wrong).toEqual([]);
        tf.dispose([weight, ...Object.values(slots)]);
      }
    });

    test('what is not a number reaches the weight', async () => {
      const { tf } = device;
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const weight = tf.tidy(() => tf.variable(tf.ones([9])));
        const slots = Object.fromEntries(spec.slots.map(({ name }) => [name, tf.zeros([9])]));
        const gradient = tf.tensor1d([1, 1, 1, 1, 1, 1, 1, 1, bad]);
        await readNorms(device.fusedUpdate(id, weight, gradient, slots, numbers));
        const values = [...(await weight.data())];
        expect(values.slice(0, 8).every(Number.isFinite)).toBe(true);
        // a sign is finite even for an infinite gradient, except where it is a quotient
        const bySign = deviceId === 'wasm' && ['signsgd', 'signum', 'lion'].includes(id);
        expect(Number.isFinite(values[8]!)).toBe(bySign && bad === Number.POSITIVE_INFINITY);
        tf.dispose([weight, gradient, ...Object.values(slots)]);
      }
    });

    test('refuses tensors that share memory and leaves them alone', async () => {
      const { tf } = device;
      const weight = tf.tidy(() => tf.variable(tf.ones([5])));
      const shared = tf.clone(weight);
      const slots = Object.fromEntries(spec.slots.map(({ name }) => [name, tf.zeros([5])]));
      const gradient = tf.ones([5]);
      expect(device.fusedUpdate(id, weight, gradient, slots, numbers)).toBeUndefined();
      expect([...(await shared.data())]).toEqual([1, 1, 1, 1, 1]);
      shared.dispose();
      expect(await readNorms(device.fusedUpdate(id, weight, gradient, slots, numbers))).toBeDefined();
      tf.dispose([weight, gradient, ...Object.values(slots)]);
    });
  });

  // a graphics processor may take denormals for 0, and its power is less exact
  test.runIf(deviceId === 'wasm')('the lp direction is right over the whole range of float32', () => {
    const { tf } = device;
    // every exponent, denormals too, with the weight at zero so that nothing hides the direction
    const exponents = Array.from({ length: 276 }, (_, index) => index - 149);
    const gradient = Float32Array.from(exponents.flatMap((e) => [1, 1.3, -1.5, 1.99].map((m) => m * 2 ** e)));
    const wrong: string[] = [];
    for (const epsilon of [0, 1e-30, 2 ** -62, 1e-8]) {
      for (const rho of [0, 0.1, 0.5, 0.8, 0.99]) {
        const weight = tf.tidy(() => tf.variable(tf.zeros([gradient.length])));
        const g = tf.tensor1d(gradient);
        device.fusedUpdate('lpsgd', weight, g, {}, { ...numbers, learningRate: 1, weightDecay: 0, epsilon, rho });
        const result = weight.dataSync();
        for (const [index, value] of gradient.entries()) {
          const expected = -value / (Math.abs(value) + Math.fround(epsilon)) ** rho;
          // an epsilon that float32 can hardly state takes the exact way; the fast one is made for sizes that occur
          const tolerance = epsilon < 2 ** -62 || rho === 0 ? 3e-7 : Math.abs(value) < 2 ** 60 ? 2.3e-6 : 2e-3;
          const isClose = Math.abs(result[index]! - expected) <= tolerance * Math.abs(expected) + 2 ** -149;
          if (!isClose) wrong.push(`rho ${rho}, epsilon ${epsilon}, g ${value}: ${result[index]}, not ${expected}`);
        }
        tf.dispose([weight, g]);
      }
    }
    expect(wrong).toEqual([]);
  });
});

function expectClose(actual: number, expected: number, relative: number, what: string): void {
  const isClose = Math.abs(actual - expected) <= relative * Math.abs(expected);
  expect(isClose, `${what}: ${actual} where float64 has ${expected}`).toBe(true);
}
