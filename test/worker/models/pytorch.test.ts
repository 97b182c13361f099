import fs from 'node:fs';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelConfigSchema } from '../../../src/core/models/modelConfig.ts';
import { planModel, type ModelPlan } from '../../../src/core/models/modelPlan.ts';
import { findOptimizer } from '../../../src/core/optimizers/catalogue.ts';
import type { Device, NamedTensors, TensorFunction } from '../../../src/worker/backends/device.ts';
import { openDevice, type DeviceId } from '../../../src/worker/backends/openDevice.ts';
import { createSteps, type Steps } from '../../../src/worker/engine/steps.ts';
import { createState, disposeState, type TrainingState } from '../../../src/worker/engine/trainingState.ts';
import { forward } from '../../../src/worker/models/forward.ts';
import { wasmDir } from '../backends/comparison.ts';

/** Of one tensor: its norm and 16 numbers spread evenly over it. */
interface Summary {
  norm: number;
  values: number[];
}

interface OneBatch {
  rows: number;
  seed: number;
  parameterCount: number;
  loss: number;
  logits: number[];
  gradients: Summary[];
  statistics: Summary[];
  evaluationLoss: number;
}

interface Training {
  hyperparameters: Record<string, number> & { learningRate: number };
  rows: number;
  losses: number[];
  evaluationLoss: number;
}

/** Written by PyTorch through make.py beside it, which says what everything is. */
const golden = JSON.parse(fs.readFileSync(new URL('../../golden/models/golden.json', import.meta.url), 'utf8')) as {
  uniform: number[];
  oneBatch: Record<'vgg11' | 'resnet18', OneBatch>;
  training: Record<string, Training>;
};

const classCount = 10;
const inputShape = [32, 32, 3];
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** The numbers in [-1, 1) that make.py makes weights and batches of. */
function uniform(seed: number, count: number): Float64Array {
  const start = Math.imul(seed, 0x9e3779b1) >>> 0;
  return Float64Array.from({ length: count }, (_, i) => {
    let h = (start + i) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

function planOf(preset: string): ModelPlan {
  return planModel(modelConfigSchema.parse({ preset }), { inputShape, task: 'classes', classCount });
}

/** The state that make.py starts from. */
function goldenState(device: Device, plan: ModelPlan, optimizerId: string): TrainingState {
  const { tf } = device;
  const state = createState(tf, plan, findOptimizer(optimizerId), 0);
  const trainable = plan.variables.filter((variable) => variable.trainable);
  for (const [index, { name, shape, role }] of trainable.entries()) {
    const scale = role === 'weight' ? Math.sqrt(6 / sizeOf(shape.slice(0, -1))) : 0.1;
    const values = uniform(index, sizeOf(shape)).map((value) => scale * value + (name.endsWith('gamma') ? 1 : 0));
    state.weights[name]!.dispose();
    state.weights[name] = tf.tensor(Float32Array.from(values), shape);
  }
  return state;
}

function goldenBatch({ tf }: Device, step: number, rows: number): { x: Tensor; targets: Tensor2D } {
  const images = uniform(100_000 + step, rows * sizeOf(inputShape)).map((value) => Math.sqrt(3) * value);
  const labels = uniform(200_000 + step, rows).map((value) => Math.floor(((value + 1) / 2) * classCount));
  return {
    x: tf.tensor(Float32Array.from(images), [rows, ...inputShape]),
    targets: tf.tidy(
      () => tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), classCount), 'float32') as Tensor2D,
    ),
  };
}

function stepsOf(device: Device, plan: ModelPlan, state: TrainingState, optimizerId: string): Steps {
  return createSteps(device, { plan, loss: 'crossEntropy', optimizerId }, state, (message) => expect.fail(message));
}

/** The logits of a training forward pass, computed as the device computes steps. */
async function logitsOf(device: Device, plan: ModelPlan, state: TrainingState, x: Tensor): Promise<number[]> {
  const compute: TensorFunction = (tf, { images, ...variables }) => ({
    logits: tf.tidy(() => forward(tf, plan, { variables, x: images!, masks: {}, training: true }).output),
  });
  const inputs: NamedTensors = { images: x, ...state.weights, ...state.statistics };
  const compiled = device.compile?.(compute);
  device.tf.engine().startScope();
  const { logits } = compiled ? await compiled.run(inputs) : compute(device.tf, inputs);
  const values = [...logits!.dataSync()];
  logits!.dispose();
  device.tf.engine().endScope();
  await compiled?.close();
  return values;
}

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

/** The largest difference of norm and numbers, relative to the norm, but to `leastNorm` where that is less. */
function difference(values: ArrayLike<number>, { norm, values: picked }: Summary, leastNorm = 0): number {
  const ownNorm = Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
  const scale = Math.max(norm, leastNorm);
  const typical = scale / Math.sqrt(values.length);
  const worst = picked.map((expected, i) => Math.abs(values[Math.floor((i * values.length) / 16)]! - expected));
  return Math.max(Math.abs(ownNorm - norm) / scale, ...worst.map((each) => each / typical));
}

test('both sides make the same numbers', () => {
  expect([...uniform(7, 4)].map((value) => Number(value.toPrecision(9)))).toEqual(golden.uniform);
});

describe.each(['onnx-cpu', 'wasm'] satisfies DeviceId[])('on %s, from equal weights', (deviceId) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(deviceId, { wasmDir, threads: 2 });
  });
  afterAll(() => device.close());

  test.each(['vgg11', 'resnet18'] as const)(
    '%s has the outputs and gradients of PyTorch',
    { timeout: 120_000 },
    async (id) => {
      const expected = golden.oneBatch[id];
      const plan = planOf(id);
      expect(plan.parameterCount).toBe(expected.parameterCount);
      const state = goldenState(device, plan, 'sgdm');
      const { x, targets } = goldenBatch(device, expected.seed, expected.rows);
      const logits = await logitsOf(device, plan, state, x);
      const steps = stepsOf(device, plan, state, 'sgdm');
      // a step that goes nowhere leaves the gradient in the momentum
      const numbers = { learningRate: 0, beta: 0.9, weightDecay: 0, nesterov: 0, rho: 0, t: 1 };
      const { loss, gradSquared } = await steps.train({ x, targets, masks: {} }, numbers);
      const evaluation = await steps.evaluate({ x, targets });
      const gradients = Object.values(state.slots).map(({ a }) => a!.dataSync());
      const statistics = Object.values(state.statistics).map((tensor) => tensor.dataSync());
      await steps.close();
      disposeState(state);
      device.tf.dispose([x, targets]);

      const largestLogit = Math.max(...expected.logits.map(Math.abs));
      const worstLogit = Math.max(...expected.logits.map((logit, i) => Math.abs(logits[i]! - logit)));
      expect(worstLogit / largestLogit).toBeLessThan(1e-4);
      expect(relative(loss, expected.loss)).toBeLessThan(1e-4);
      const norms = expected.gradients.map(({ norm }) => norm);
      expect(relative(Math.sqrt(gradSquared), Math.hypot(...norms))).toBeLessThan(1e-4);
      // a bias before a batch norm has no gradient but rounding
      const leastNorm = 1e-3 * Math.max(...norms);
      const names = Object.keys(state.weights);
      const worst = expected.gradients.map(
        (each, i) => [names[i], difference(gradients[i]!, each, leastNorm)] as const,
      );
      expect(gradients).toHaveLength(expected.gradients.length);
      expect(worst.filter(([, each]) => !(each < 1e-4))).toEqual([]);
      expect(statistics).toHaveLength(expected.statistics.length);
      expect(Math.max(...expected.statistics.map((each, i) => difference(statistics[i]!, each)))).toBeLessThan(1e-4);
      expect(relative(evaluation.loss, expected.evaluationLoss)).toBeLessThan(1e-4);
    },
  );
});

describe('steps of ResNet-18 from equal weights', () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('onnx-cpu', { wasmDir, threads: 2 });
  });
  afterAll(() => device.close());

  // a step takes seconds: of SGDM and AdamW the suite runs the first four, all ten where LP_ALL_STEPS is set
  const stepsOfOthers = process.env['LP_ALL_STEPS'] ? 10 : 4;
  const cases: [string, number][] = [
    ['lpsgdm', 10],
    ['sgdm', stepsOfOthers],
    ['adamw', stepsOfOthers],
  ];
  test.each(cases)('have the losses of PyTorch with %s, %i of them', { timeout: 900_000 }, async (id, count) => {
    const { hyperparameters, rows, losses, evaluationLoss } = golden.training[id]!;
    const plan = planOf('resnet18');
    const state = goldenState(device, plan, id);
    const steps = stepsOf(device, plan, state, id);
    const own: number[] = [];
    for (let t = 1; t <= count; t++) {
      const { x, targets } = goldenBatch(device, t, rows);
      const { loss } = await steps.train({ x, targets, masks: {} }, { rho: 0, nesterov: 0, ...hyperparameters, t });
      own.push(loss);
      device.tf.dispose([x, targets]);
    }
    const { x, targets } = goldenBatch(device, 0, rows);
    const evaluation = count === losses.length ? (await steps.evaluate({ x, targets })).loss : evaluationLoss;
    device.tf.dispose([x, targets]);
    await steps.close();
    disposeState(state);
    const differences = own.map((loss, step) => relative(loss, losses[step]!));
    expect(differences.filter((each) => !(each < 1e-3))).toEqual([]);
    // running statistics of ten steps against activations that grow: a sum of differences
    expect(relative(evaluation, evaluationLoss)).toBeLessThan(1e-2);
  });
});
