import type { Tensor2D } from '@tensorflow/tfjs';
import { findOptimizer, hyperparameterNumbers } from '../../../src/core/optimizers/catalogue.ts';
import { planModel } from '../../../src/core/models/modelPlan.ts';
import { parseRunConfig, type RunConfigInput } from '../../../src/core/contract/runConfig.ts';
import { createGenerator } from '../../../src/core/random/generator.ts';
import type { Device } from '../../../src/worker/backends/device.ts';
import { drawDropoutMasks } from '../../../src/worker/engine/dropoutMasks.ts';
import { createSteps, type EvaluationStats } from '../../../src/worker/engine/steps.ts';
import { createState, disposeState } from '../../../src/worker/engine/trainingState.ts';
import type { StepStats } from '../../../src/worker/engine/stepStats.ts';
import { normals } from './comparison.ts';

export interface TrainedSteps {
  stats: StepStats[];
  evaluation: EvaluationStats;
  ms: number[];
  weights: Record<string, Float32Array>;
  statistics: Record<string, Float32Array>;
}

export interface StepsOptions {
  model: RunConfigInput['model'];
  optimizer?: RunConfigInput['optimizer'];
  inputShape: number[];
  classCount?: number;
  batchSize?: number;
  steps?: number;
  learningRate?: number;
}

/** The engine's steps on seeded noise, each batch after the first step of a run smaller by the step's number. */
export async function trainSteps(device: Device, options: StepsOptions): Promise<TrainedSteps> {
  const { tf } = device;
  const { inputShape, classCount = 10, batchSize = 16, steps: stepCount = 20, learningRate = 0.01 } = options;
  const config = parseRunConfig({ model: options.model, optimizer: options.optimizer ?? { id: 'lpsgdm' } });
  const plan = planModel(config.model, { inputShape, task: 'classes', classCount });
  const optimizer = findOptimizer(config.optimizer.id);
  const hyper = hyperparameterNumbers(optimizer, config.optimizer.hyperparameters);
  const state = createState(tf, plan, optimizer, 3);
  const warnings: string[] = [];
  const program = { plan, loss: 'crossEntropy', optimizerId: optimizer.id } as const;
  const steps = createSteps(device, program, state, (message) => warnings.push(message));
  const dropout = createGenerator(3, 'dropout');
  const size = inputShape.reduce((product, length) => product * length, 1);
  const batchOf = (rows: number, seed: number) => ({
    x: tf.tensor(normals(rows * size, seed), [rows, ...inputShape]),
    targets: tf.tidy(() => {
      const labels = Int32Array.from({ length: rows }, (_, row) => (row * 7 + seed) % classCount);
      return tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classCount), 'float32') as Tensor2D;
    }),
  });
  const stats: StepStats[] = [];
  const ms: number[] = [];
  try {
    for (let t = 1; t <= stepCount; t++) {
      // every fifth batch is smaller, as the last of an epoch is
      const rows = t % 5 === 0 ? Math.max(1, batchSize - 3) : batchSize;
      const { x, targets } = batchOf(rows, t % 4);
      const masks = drawDropoutMasks(tf, plan, rows, dropout);
      const started = performance.now();
      stats.push(await steps.train({ x, targets, masks }, { ...hyper, learningRate, rho: 0.8 - t / 50, t }));
      ms.push(performance.now() - started);
      tf.dispose([x, targets, masks]);
    }
    const batch = batchOf(batchSize, 9);
    const evaluation = await steps.evaluate(batch);
    tf.dispose([batch.x, batch.targets]);
    if (warnings.length > 0) throw new Error(warnings.join('\n'));
    const read = async (tensors: typeof state.weights) => {
      const entries = Object.entries(tensors).map(
        async ([name, tensor]) => [name, Float32Array.from(await tensor.data())] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    };
    return { stats, evaluation, ms, weights: await read(state.weights), statistics: await read(state.statistics) };
  } finally {
    await steps.close();
    disposeState(state);
  }
}
