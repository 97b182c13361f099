/**
 * One device in a process of its own, driven by one JSON line per request:
 *   {"model": "mlp", "optimizer": "lpsgdm", "steps": 5}  ->  {"ms": [...], "losses": [...]}
 *   {"size": 1000000, "fused": true, "optimizer": "lpsgdm", "steps": 5}: the optimizer's step alone, on one vector
 * Arguments: device id, threads, folder of this project's wasm files. Ends when its input ends.
 */
import readline from 'node:readline';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { openDevice, type DeviceId } from '../../src/worker/backends/openDevice.ts';
import { batches, benchModels, classes, normals, startWeights, type ModelId } from './models.ts';
import { stepUpdates, type BenchOptimizer } from './stepUpdates.ts';

const [id = 'wasm', threads = '1', wasmDir = 'resources/wasm'] = process.argv.slice(2);
const device = await openDevice(id as DeviceId, {
  threads: Number(threads),
  wasmDir,
  warn: (message) => console.error(message),
});
const { tf } = device;

interface Training {
  step(): number;
}

function startTraining(modelId: ModelId, optimizer: BenchOptimizer): Training {
  const model = benchModels[modelId];
  const start = startWeights(model);
  const weights: Record<string, Variable> = {};
  for (const [name, shape] of model.parameters) {
    const values = start.get(name)!;
    // tidied, so that nothing but the variable holds the memory: a fused update writes in place
    weights[name] = tf.tidy(() => tf.variable(tf.tensor(values, shape), true, `${modelId}/${optimizer}/${name}`));
  }
  const data = batches(model).map(({ x, labels }) => ({
    x: tf.tensor(x, [model.batchSize, ...model.inputShape]),
    y: tf.oneHot(tf.tensor1d(labels, 'int32'), classes, 1, 0, 'float32'),
  }));
  const update = stepUpdates(device, weights, optimizer);
  const loss = (x: Tensor, y: Tensor): Tensor => {
    const logits = model.forward(tf, weights, x);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits as never), y), 1)));
  };
  let count = 0;
  return {
    step() {
      const { x, y } = data[count++ % data.length]!;
      const { value, grads } = tf.variableGrads(() => loss(x, y) as never, Object.values(weights));
      update(grads as Record<string, Tensor>);
      tf.dispose(grads);
      const number = value.dataSync()[0]!;
      value.dispose();
      return number;
    },
  };
}

function startBareUpdate(size: number, optimizer: BenchOptimizer, fused: boolean): Training {
  const weight = tf.tidy(() => tf.variable(tf.tensor1d(normals(size, 1))));
  const gradient = tf.tensor1d(normals(size, 2));
  const update = stepUpdates(device, { weight }, optimizer, { fused });
  return {
    step() {
      update({ [weight.name]: gradient });
      return 0;
    },
  };
}

interface Request {
  model?: ModelId;
  size?: number;
  fused?: boolean;
  optimizer: BenchOptimizer;
  steps: number;
}

function startWork({ model, size, fused = true, optimizer }: Request): Training {
  return model ? startTraining(model, optimizer) : startBareUpdate(size ?? 1, optimizer, fused);
}

const trainings = new Map<string, Training>();
console.log(JSON.stringify({ ready: device.description, threads: device.threads }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  const key = JSON.stringify([request.model, request.size, request.fused, request.optimizer]);
  const training = trainings.get(key) ?? startWork(request);
  trainings.set(key, training);
  const ms: number[] = [];
  const losses: number[] = [];
  for (let step = 0; step < request.steps; step++) {
    const started = performance.now();
    losses.push(training.step());
    ms.push(performance.now() - started);
  }
  console.log(JSON.stringify({ ms, losses, tensors: tf.memory().numTensors }));
}
device.close();
