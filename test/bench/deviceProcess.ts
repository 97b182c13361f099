/**
 * One device in a process of its own, driven by one JSON line per request:
 *   {"model": "mlp", "optimizer": "lpsgdm", "steps": 5}: the engine's training steps
 *   {"size": 1000000, "optimizer": "lpsgdm", "steps": 5}: the optimizer's step alone, on one vector
 *   {"copy": 1000000, "steps": 5}: a plain copy of that many float32
 * each answered by {"ms": [...], "cpuMs": per step, "losses": [...], "compiled": [{traceMs, sessionMs}]} or {"error": why}.
 * Arguments: device id or "tfjs", threads, folder of this project's wasm files. Ends when its input ends.
 */
import readline from 'node:readline';
import type { Tensor2D } from '@tensorflow/tfjs';
import { findOptimizer } from '../../src/core/optimizers/catalogue.ts';
import type { CompiledTimes, Device } from '../../src/worker/backends/device.ts';
import { openDevice, type DeviceId } from '../../src/worker/backends/openDevice.ts';
import { createSteps } from '../../src/worker/engine/steps.ts';
import { createState } from '../../src/worker/engine/trainingState.ts';
import { batches, benchModels, classes, normals, type ModelId } from './models.ts';
import { openStockTfjs } from './stockTfjs.ts';
import { stepNumbers, type BenchOptimizer } from './updates.ts';
import { createUpdate } from './bareUpdate.ts';

const [id = 'wasm', threads = '1', wasmDir = 'resources/wasm'] = process.argv.slice(2);
const compiled: CompiledTimes[] = [];
const device: Device =
  id === 'tfjs'
    ? await openStockTfjs()
    : await openDevice(id as DeviceId, {
        threads: Number(threads),
        wasmDir,
        warn: (message) => console.error(message),
        onCompiled: (times) => compiled.push(times),
      });
const { tf } = device;

interface Training {
  /** gives the loss */
  step(): Promise<number>;
}

function startTraining(modelId: ModelId, optimizer: BenchOptimizer): Training {
  const model = benchModels[modelId];
  const { plan, batchSize } = model;
  const state = createState(tf, plan, findOptimizer(optimizer), 42);
  const program = { plan, loss: 'crossEntropy', optimizerId: optimizer } as const;
  const steps = createSteps(device, program, state, (message) => {
    throw new Error(message);
  });
  const data = batches(model).map(({ x, labels }) => ({
    x: tf.tensor(x, [batchSize, ...plan.inputShape]),
    targets: tf.oneHot(tf.tensor1d(labels, 'int32'), classes, 1, 0, 'float32') as Tensor2D,
    masks: {},
  }));
  let count = 0;
  return {
    async step() {
      const batch = data[count++ % data.length]!;
      return (await steps.train(batch, stepNumbers(optimizer, count))).loss;
    },
  };
}

async function startUpdates(size: number, optimizer: BenchOptimizer): Promise<Training> {
  const update = createUpdate(device, optimizer, normals(size, 1), normals(size, 2));
  let t = 0;
  return {
    async step() {
      await update(stepNumbers(optimizer, ++t));
      return 0;
    },
  };
}

function startCopy(size: number): Training {
  const [from, to] = [normals(size, 1), new Float32Array(size)];
  return {
    async step() {
      to.set(from);
      return 0;
    },
  };
}

interface Request {
  model?: ModelId;
  size?: number;
  copy?: number;
  optimizer: BenchOptimizer;
  steps: number;
}

async function startWork({ model, size = 1, copy, optimizer }: Request): Promise<Training> {
  if (model) return startTraining(model, optimizer);
  return copy === undefined ? startUpdates(size, optimizer) : startCopy(copy);
}

const trainings = new Map<string, Training>();

async function answer(request: Request): Promise<unknown> {
  const key = JSON.stringify({ ...request, steps: 0 });
  const training = trainings.get(key) ?? (await startWork(request));
  trainings.set(key, training);
  const ms: number[] = [];
  const losses: number[] = [];
  const before = process.cpuUsage();
  for (let step = 0; step < request.steps; step++) {
    const started = performance.now();
    losses.push(await training.step());
    ms.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1e3 / request.steps, losses, compiled: compiled.splice(0) };
}

console.log(JSON.stringify({ ready: device.description, threads: device.threads }));
for await (const line of readline.createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(await answer(JSON.parse(line) as Request)));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}
device.close();
process.exit(0);
