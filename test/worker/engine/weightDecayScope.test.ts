import type { Tensor2D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelConfigSchema } from '../../../src/core/models/modelConfig.ts';
import { planModel } from '../../../src/core/models/modelPlan.ts';
import { findOptimizer, hyperparameterNumbers, optimizerCatalogue } from '../../../src/core/optimizers/catalogue.ts';
import type { WeightDecayScope } from '../../../src/core/optimizers/weightDecayScope.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { openDevice, type DeviceId } from '../../../src/worker/backends/openDevice.ts';
import { createSteps } from '../../../src/worker/engine/steps.ts';
import { createState, disposeState } from '../../../src/worker/engine/trainingState.ts';
import { normals, randomTensor, wasmDir } from '../backends/comparison.ts';

const model = modelConfigSchema.parse({
  layers: [
    { type: 'conv2d', filters: 3, kernelSize: 3 },
    { type: 'batchNorm' },
    { type: 'activation', activation: 'relu' },
  ],
});
const plan = planModel(model, { inputShape: [4, 4, 2], task: 'classes', classCount: 3 });
const kernels = ['0.conv2d/kernel', '4.dense/kernel'];
const spared = ['0.conv2d/bias', '1.batchNorm/gamma', '1.batchNorm/beta', '4.dense/bias'];

/** Every weight after one step from the same numbers, none of them zero. */
async function afterOneStep(device: Device, optimizerId: string, weightDecay: number, scope?: WeightDecayScope) {
  const { tf } = device;
  const optimizer = findOptimizer(optimizerId);
  const state = createState(tf, plan, optimizer, 1);
  for (const name of spared) {
    const { shape } = state.weights[name]!;
    state.weights[name]!.dispose();
    state.weights[name] = tf.tensor(normals(3, name.length), shape);
  }
  const program = { plan, loss: 'crossEntropy', optimizerId, ...(scope ? { weightDecayScope: scope } : {}) } as const;
  const steps = createSteps(device, program, state, (message) => expect.fail(message));
  const x = randomTensor(tf, [6, 4, 4, 2]);
  const targets = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3), 'float32') as Tensor2D);
  const numbers = hyperparameterNumbers(optimizer, { weightDecay });
  await steps.train({ x, targets, masks: {} }, { ...numbers, learningRate: 0.1, rho: 0.5, t: 1 });
  const weights = Object.fromEntries(
    Object.entries(state.weights).map(([name, tensor]) => [name, [...tensor.dataSync()]]),
  );
  await steps.close();
  disposeState(state);
  tf.dispose([x, targets]);
  return weights;
}

const decaying = optimizerCatalogue
  .filter(({ hyperparameters }) => hyperparameters.some(({ key }) => key === 'weightDecay'))
  .map(({ id }) => id);

describe.each(['cpu', 'wasm', 'onnx-cpu'] satisfies DeviceId[])('on %s', (deviceId) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(deviceId, { wasmDir, threads: 1 });
  });
  afterAll(() => device.close());

  test.each(decaying)('%s decays kernels alone where the scope is weights, and everything otherwise', async (id) => {
    const { numTensors } = device.tf.memory();
    const undecayed = await afterOneStep(device, id, 0);
    const all = await afterOneStep(device, id, 3);
    const weights = await afterOneStep(device, id, 3, 'weights');
    expect(await afterOneStep(device, id, 3, 'all')).toEqual(all);
    expect(Object.keys(all)).toEqual(expect.arrayContaining([...kernels, ...spared]));
    for (const name of kernels) {
      expect(weights[name]).toEqual(all[name]);
      expect(weights[name]).not.toEqual(undecayed[name]);
    }
    for (const name of spared) expect(weights[name]).toEqual(undecayed[name]);
    // not one by one: Adam's first step is the sign of its gradient, whatever is added to it
    const ofSpared = (values: Record<string, number[]>): number[] => spared.flatMap((name) => values[name]!);
    expect(ofSpared(weights)).not.toEqual(ofSpared(all));
    expect(device.tf.memory().numTensors).toBe(numTensors);
  });
});
