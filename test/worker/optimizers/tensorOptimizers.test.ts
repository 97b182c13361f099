import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as tfjs from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  findOptimizer,
  hyperparameterNumbers,
  optimizerCatalogue,
  optimizerIds,
} from '../../../src/core/optimizers/catalogue.ts';
import type { OptimizerId } from '../../../src/core/optimizers/catalogue.ts';
import type { StepNumbers } from '../../../src/core/optimizers/optimizerSpec.ts';
import { createPSchedule, pScheduleSchema } from '../../../src/core/schedules/pSchedule.ts';
import { readNorms } from '../backends/comparison.ts';
import { devicesUnderTest, processorDevices } from '../backends/devicesUnderTest.ts';
import type { CompiledFunction, Device } from '../../../src/worker/backends/device.ts';
import { openDevice } from '../../../src/worker/backends/openDevice.ts';
import {
  createSlots,
  stepScalars,
  tensorUpdates,
  updateVariable,
} from '../../../src/worker/optimizers/tensorOptimizers.ts';
import type { StepScalars, UpdatedVariable, VariableStep } from '../../../src/worker/optimizers/tensorOptimizers.ts';

type Matrix = number[][];

interface TensorCase {
  optimizer: string;
  hyperparameters: Record<string, number | boolean>;
  learningRate: number;
  pSchedule: Record<string, unknown>;
  /** by step */
  weights: Record<string, Matrix>;
  /** after the last step */
  slots: Record<string, Matrix>;
}

interface Golden {
  steps: number;
  inputs: Matrix;
  targets: Matrix;
  start: Matrix;
  cases: TensorCase[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/optimizers/tensors.json', import.meta.url), 'utf8'),
) as Golden;
const wasmDir = fileURLToPath(new URL('../../../resources/wasm', import.meta.url));

/** The largest difference over the largest expected value; NaN when anything is not a number. */
function relativeError(actual: ArrayLike<number>, expected: Matrix): number {
  const flat = expected.flat();
  expect(actual.length).toBe(flat.length);
  const scale = Math.max(...flat.map(Math.abs));
  return Math.max(...flat.map((x, i) => Math.abs(actual[i]! - x))) / scale;
}

function stepNumbers(each: TensorCase, t: number): StepNumbers {
  const run = { epochs: golden.steps, stepsPerEpoch: 1 };
  const { rho } = createPSchedule(pScheduleSchema.parse(each.pSchedule), run).at(t - 1, 0);
  return {
    ...hyperparameterNumbers(findOptimizer(each.optimizer), each.hyperparameters),
    learningRate: each.learningRate,
    rho,
    t,
  };
}

test('every optimizer of the catalogue has a tensor form', () => {
  expectTypeOf<keyof typeof tensorUpdates>().toEqualTypeOf<OptimizerId>();
  expect(Object.keys(tensorUpdates)).toEqual(optimizerIds);
  expect(new Set(golden.cases.map(({ optimizer }) => optimizer))).toEqual(new Set(optimizerIds));
});

async function values(tensor: tfjs.Tensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data<'float32'>());
}

const near = (x: number): number => (Number.isNaN(x) ? x : (expect.closeTo(x, Math.abs(x) > 1 ? 4 : 5) as number));

async function slotValues(slots: Record<string, tfjs.Tensor>): Promise<Record<string, Float32Array>> {
  const entries = Object.entries(slots).map(async ([name, slot]) => [name, await values(slot)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const squared = (x: Float32Array): number => x.reduce((sum, each) => sum + each * each, 0);

describe.each(devicesUnderTest(await processorDevices()))('on %s', (deviceId) => {
  let device: Device;
  let tf: Device['tf'];
  let inputs: tfjs.Tensor2D;
  let targets: tfjs.Tensor2D;
  const compiledSteps = new Map<string, CompiledFunction>();

  beforeAll(async () => {
    device = await openDevice(deviceId, { threads: 1, wasmDir });
    tf = device.tf;
    inputs = tf.tensor2d(golden.inputs);
    targets = tf.tensor2d(golden.targets);
  });
  afterAll(async () => {
    for (const step of compiledSteps.values()) await step.close();
    tf.dispose([inputs, targets]);
    device.close();
  });

  /** The gradient of |X W - Y|^2 / (2 n). */
  const gradientAt = (weight: tfjs.Tensor): tfjs.Tensor =>
    tf.tidy(() =>
      tf.div(
        tf.matMul(inputs, tf.sub(tf.matMul(inputs, weight as tfjs.Tensor2D), targets), true),
        golden.inputs.length,
      ),
    );

  type Update = (
    id: string,
    variable: VariableStep,
    numbers: StepNumbers,
  ) => UpdatedVariable | Promise<UpdatedVariable>;

  const composed = (id: string, variable: VariableStep, numbers: StepNumbers): UpdatedVariable =>
    updateVariable(tf, id, variable, stepScalars(numbers));

  /** The same with every number that changes from step to step as a scalar tensor, as a compiled step passes them. */
  const withScalarTensors = (id: string, variable: VariableStep, numbers: StepNumbers): UpdatedVariable =>
    tf.tidy(() => {
      const { hyper, learningRate, rho, biasCorrection1, biasCorrection2 } = stepScalars(numbers);
      const scalar = (value: typeof rho): tfjs.Scalar => tf.scalar(value as number);
      return {
        ...updateVariable(tf, id, variable, {
          hyper,
          learningRate: scalar(learningRate),
          rho: scalar(rho),
          biasCorrection1: scalar(biasCorrection1),
          biasCorrection2: scalar(biasCorrection2),
        }),
      };
    });

  /** The device's in-place form on copies of weight and state; the composed form where the device has none. */
  const fused: Update = (id, { weight, gradient, slots }, numbers) => {
    const copy = tf.tidy(() => tf.mul(weight, 1));
    const slotCopies = tf.tidy(() => Object.fromEntries(Object.entries(slots).map(([k, x]) => [k, tf.mul(x, 1)])));
    const norms = device.fusedUpdate(id, copy, gradient, slotCopies, numbers);
    if (norms && !('gradSquared' in norms)) norms.dispose();
    if (norms) return { weight: copy, slots: slotCopies };
    tf.dispose([copy, slotCopies]);
    return composed(id, { weight, gradient, slots }, numbers);
  };

  /** The composed form compiled as one function, with everything that changes by step as its inputs. */
  const compiled: Update = async (id, { weight, gradient, slots }, numbers) => {
    if (!device.compile) return withScalarTensors(id, { weight, gradient, slots }, numbers);
    const { hyper, ...scalars } = stepScalars(numbers);
    const key = JSON.stringify([id, { ...hyper, learningRate: 0, rho: 0, t: 0 }]);
    const step =
      compiledSteps.get(key) ??
      device.compile((traceTf, traced) => {
        const { weight: w, gradient: g, ...rest } = traced;
        const slotInputs = Object.fromEntries(Object.keys(slots).map((name) => [name, rest[`slots/${name}`]!]));
        const variable = { weight: w!, gradient: g!, slots: slotInputs };
        const changing = Object.fromEntries(Object.keys(scalars).map((name) => [name, rest[name]!]));
        const next = updateVariable(traceTf, id, variable, { hyper, ...changing } as unknown as StepScalars);
        return { weight: next.weight, ...next.slots };
      });
    compiledSteps.set(key, step);
    const named = Object.fromEntries(Object.entries(slots).map(([name, slot]) => [`slots/${name}`, slot]));
    const changing = Object.fromEntries(
      Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value as number)]),
    );
    const { weight: next, ...nextSlots } = await step.run({ weight, gradient, ...named, ...changing });
    tf.dispose(changing);
    return { weight: next!, slots: nextSlots };
  };

  interface Visit {
    weights: Map<number, Float32Array>;
    slots: Record<string, Float32Array>;
  }

  /** Trains the golden problem; returns the weights after the golden steps and the last slots, and disposes of the rest. */
  async function train(each: TensorCase, update: Update, storeAt = Infinity): Promise<Visit> {
    const spec = findOptimizer(each.optimizer);
    let weight: tfjs.Tensor = tf.tensor2d(golden.start);
    let slots = createSlots(tf, spec, weight);
    const weights = new Map<number, Float32Array>();
    for (let t = 1; t <= golden.steps; t++) {
      if (t === storeAt) {
        const stored = { weight: await values(weight), slots: await slotValues(slots) };
        tf.dispose([weight, slots]);
        weight = tf.tensor(stored.weight, [6, 4]);
        slots = Object.fromEntries(spec.slots.map(({ name }) => [name, tf.tensor(stored.slots[name]!, [6, 4])]));
      }
      const gradient = gradientAt(weight);
      const next = await update(each.optimizer, { weight, gradient, slots }, stepNumbers(each, t));
      tf.dispose([weight, gradient, slots]);
      ({ weight, slots } = next);
      if (each.weights[t]) weights.set(t, await values(weight));
    }
    const last = await slotValues(slots);
    tf.dispose([weight, slots]);
    return { weights, slots: last };
  }

  function worstError(each: TensorCase, visit: Visit): number {
    const ofWeights = Object.entries(each.weights).map(([t, expected]) =>
      relativeError(visit.weights.get(Number(t))!, expected),
    );
    const ofSlots = Object.entries(each.slots).map(([name, expected]) => relativeError(visit.slots[name]!, expected));
    return Math.max(...ofWeights, ...ofSlots);
  }

  const labelled = golden.cases.map((each, i) => [`${each.optimizer}, case ${i}`, each, i] as const);

  describe.each(labelled)('%s', (_, each, i) => {
    test('100 steps equal NumPy float64 to 1e-5, state included, and leave no tensor behind', async () => {
      const before = tf.memory().numTensors;
      const visit = await train(each, composed);
      expect(worstError(each, visit)).toBeLessThan(1e-5);
      expect(Object.keys(visit.slots)).toEqual(findOptimizer(each.optimizer).slots.map(({ name }) => name));
      expect(tf.memory().numTensors).toBe(before);
    });

    // what steps are compiled from; software that plays a graphics card takes long for it
    test.skipIf(deviceId === 'webgpu')('the same with step numbers as scalar tensors', async () => {
      const before = tf.memory().numTensors;
      expect(worstError(each, await train(each, withScalarTensors))).toBeLessThan(1e-5);
      expect(tf.memory().numTensors).toBe(before);
    });

    test.skipIf(deviceId === 'webgpu' && i % 5 > 0)(
      'weights and state read out and put back continue with exactly the same steps',
      async () => {
        const straight = await train(each, composed);
        const restored = await train(each, composed, 37);
        expect(restored).toEqual(straight);
      },
    );

    test('the fused form of the device, where it has one, equals NumPy to 1e-5', async () => {
      const before = tf.memory().numTensors;
      expect(worstError(each, await train(each, fused))).toBeLessThan(1e-5);
      expect(tf.memory().numTensors).toBe(before);
    });

    test.skipIf(deviceId === 'webgpu')(
      'the compiled form of the device, where it has one, equals NumPy to 1e-5',
      async () => {
        const before = tf.memory().numTensors;
        expect(worstError(each, await train(each, compiled))).toBeLessThan(1e-5);
        expect(tf.memory().numTensors).toBe(before);
      },
    );
  });

  // the last one squared, and times 1 - beta2, is still a float32
  const edge = [0, 1e-3, -2, 0, 5e-16];

  describe.each(optimizerCatalogue.map((spec) => [spec.id, spec] as const))('%s', (id, spec) => {
    const defaults = hyperparameterNumbers(spec, {});
    const numbers = (changes: Record<string, number>): StepNumbers => ({
      ...defaults,
      learningRate: 0.01,
      rho: 0.8,
      t: 1,
      ...changes,
    });

    async function updated(gradientValues: number[], step: StepNumbers, update: Update): Promise<Float32Array> {
      const weight = tf.tensor1d([1, -2, 3, 0.5, -0.25]);
      const gradient = tf.tensor1d(gradientValues);
      const slots = createSlots(tf, spec, weight);
      const next = await update(id, { weight, gradient, slots }, step);
      const result = await values(next.weight);
      for (const [name, slot] of Object.entries(await slotValues(next.slots))) {
        const expected = weightsOf(gradientValues, step).map(({ slots: scalar }) => scalar[name]!);
        slot.forEach((x, i) => expect(x).toEqual(near(expected[i]!)));
      }
      tf.dispose([weight, gradient, slots, next.weight, next.slots]);
      return result;
    }

    /** The scalar reference on the same five weights. */
    const weightsOf = (gradientValues: number[], step: StepNumbers) =>
      [1, -2, 3, 0.5, -0.25].map((theta, i) => {
        const slots = Object.fromEntries(spec.slots.map(({ name, start }) => [name, start === 'weight' ? theta : 0]));
        return spec.updateScalar(theta, gradientValues[i]!, slots, step);
      });

    test('a fused form, where the device has one, reports the norms of gradient, step and weight', async () => {
      const size = 1003;
      const weight = tf.randomNormal([size], 0, 1, 'float32', 1);
      const gradient = tf.randomNormal([size], 0, 1, 'float32', 2);
      const old = await values(weight);
      const slots = createSlots(tf, spec, weight);
      const norms = await readNorms(device.fusedUpdate(id, weight, gradient, slots, numbers({})));
      const fresh = await values(weight);
      const expected = {
        gradSquared: expect.closeTo(squared(await values(gradient)), 1),
        updateSquared: expect.closeTo(squared(fresh.map((x, i) => x - old[i]!)), 4),
        weightSquared: expect.closeTo(squared(old), 1),
      };
      expect(norms ?? expected).toEqual(expected);
      tf.dispose([weight, gradient, slots]);
    });

    test.each([0, 1e-8, 1e-3])('zero and tiny gradients with epsilon %d equal the scalar form', async (epsilon) => {
      const step = numbers({ epsilon, weightDecay: 0.1 });
      for (const update of [composed, withScalarTensors, fused, compiled]) {
        const result = await updated(edge, step, update);
        expect([...result]).toEqual(weightsOf(edge, step).map(({ theta }) => near(theta)));
      }
    });

    test('all-zero gradients without weight decay change nothing', async () => {
      for (const rho of [0, 0.8, 0.999]) {
        const step = numbers({ epsilon: 0, weightDecay: 0, rho });
        for (const update of [composed, fused, compiled]) {
          expect([...(await updated([0, 0, 0, 0, 0], step, update))]).toEqual([1, -2, 3, 0.5, -0.25]);
        }
      }
    });

    test('a gradient that is not a number makes that weight not a number, and no other', async () => {
      for (const [epsilon, rho] of [
        [0, 0.8],
        [1e-8, 0.8],
        [1e-8, 0],
      ] as const) {
        for (const update of [composed, fused, compiled]) {
          const result = await updated([NaN, 1, 1, 1, 1], numbers({ epsilon, rho }), update);
          expect(result[0]).toBeNaN();
          expect(result.slice(1).every(Number.isFinite)).toBe(true);
        }
      }
    });
  });

  test('state that starts as the weight has memory of its own', async () => {
    const weight = tf.tensor1d([1, 2]);
    const { m, z } = createSlots(tf, findOptimizer('stacey'), weight);
    expect([...(await values(z!))]).toEqual([1, 2]);
    expect([...(await values(m!))]).toEqual([0, 0]);
    expect(z!.dataId).not.toBe(weight.dataId);
    tf.dispose([weight, m!, z!]);
  });
});
