import type * as tfjs from '@tensorflow/tfjs';
import { modelConfigSchema, type ModelConfig } from '../../core/models/modelConfig.ts';
import { planModel } from '../../core/models/modelPlan.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import { AppError } from '../../core/errors.ts';
import type { Device } from '../backends/device.ts';
import { createSteps } from '../engine/steps.ts';
import { disposeState, type TrainingState } from '../engine/trainingState.ts';
import { createSlots } from '../optimizers/tensorOptimizers.ts';

/** Losses of the steps below in float64, computed by PyTorch (test/golden/devices/make.py). */
const expectedLosses = [2.3110759704674173, 2.244651957887649, 2.1833937675448, 2.1304922529932275];
/** A device whose losses differ by more, relative to the loss, computes wrongly. */
const tolerance = 1e-4;

/** A device whose step takes longer than this on so small a part of the batch is slow. */
const slowMs = 100;
const smallBatchShare = 16;

/** The largest time a device is measured for, after its first steps. */
const measureMs = 500;
const mostMeasuredSteps = 40;

interface StepNetwork {
  model: ModelConfig;
  inputShape: number[];
  batchSize: number;
}

const conv = (filters: number) => ({ type: 'conv2d', filters, kernelSize: 3, useBias: true, activation: 'relu' });
const pool = { type: 'maxPool2d', poolSize: 2 };
const network = (layers: unknown[]): ModelConfig => modelConfigSchema.parse({ layers });

const checkNetwork: StepNetwork = {
  model: network([conv(4), pool, { type: 'flatten' }]),
  inputShape: [6, 6, 2],
  batchSize: 5,
};

/** Small enough for the slowest device, large enough for the fastest to show what it can. */
const speedNetwork: StepNetwork = {
  model: network([
    conv(16),
    pool,
    conv(32),
    pool,
    { type: 'flatten' },
    { type: 'dense', units: 64, activation: 'relu' },
  ]),
  inputShape: [16, 16, 3],
  batchSize: 64,
};

const classCount = 10;
const numbers = { learningRate: 0.05, weightDecay: 0.01, beta: 0.9, epsilon: 1e-8, rho: 0.5 };

/** sin(1.7 i + seed) scale: numbers that another program makes just so */
function wave(size: number, seed: number, scale: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + seed) * scale);
}

/** Takes LPSGDM steps of a network with made weights until `isDone`; reads the loss of each. */
async function takeSteps(
  device: Device,
  { model, inputShape, batchSize }: StepNetwork,
  afterStep: (loss: number) => 'go on' | 'done',
): Promise<void> {
  const { tf } = device;
  const plan = planModel(model, { inputShape, task: 'classes', classCount });
  const optimizer = findOptimizer('lpsgdm');
  const state: TrainingState = { weights: {}, slots: {}, statistics: {} };
  for (const [index, { name, shape }] of plan.variables.entries()) {
    const size = shape.reduce((product, length) => product * length, 1);
    state.weights[name] = tf.tensor(wave(size, index + 1, size > 1_000 ? 0.05 : 0.4), shape);
    state.slots[name] = createSlots(tf, optimizer, state.weights[name]);
  }
  const inputSize = inputShape.reduce((product, length) => product * length, batchSize);
  const x = tf.tensor(wave(inputSize, 0.1, 1), [batchSize, ...inputShape]);
  const labels = new Float32Array(batchSize * classCount);
  for (let row = 0; row < batchSize; row++) labels[row * classCount + ((row * 3) % classCount)] = 1;
  const targets: tfjs.Tensor2D = tf.tensor2d(labels, [batchSize, classCount]);
  const program = { plan, loss: 'crossEntropy', optimizerId: optimizer.id } as const;
  const steps = createSteps(device, program, state, (message) => {
    throw new AppError('kernelMissing', message);
  });
  try {
    for (let t = 1; ; t++) {
      const { loss } = await steps.train({ x, targets, masks: {} }, { ...numbers, t });
      const failure = device.failure?.();
      if (failure) throw failure;
      if (afterStep(loss) === 'done') return;
    }
  } finally {
    await steps.close();
    disposeState(state);
    tf.dispose([x, targets]);
  }
}

/** The largest relative difference of the losses of a few small steps from float64. */
export async function checkDevice(device: Device): Promise<number> {
  const losses: number[] = [];
  await takeSteps(device, checkNetwork, (loss) => (losses.push(loss) === expectedLosses.length ? 'done' : 'go on'));
  return Math.max(...expectedLosses.map((expected, i) => Math.abs(losses[i]! - expected) / expected));
}

/** True for a difference that rounding explains; not for one that is not a number. */
export const isCorrect = (difference: number): boolean => difference <= tolerance;

/**
 * Steps per second of a small convolutional network, the median over half a second. A device on which a sixteenth of the
 * batch already takes long is not made to do all of it, for which a user would wait: its speed is told from that.
 */
export async function measureDevice(device: Device, nowMs: () => number): Promise<number> {
  const slowStepMs = await secondStepMs(
    device,
    { ...speedNetwork, batchSize: speedNetwork.batchSize / smallBatchShare },
    nowMs,
  );
  if (slowStepMs > slowMs) return 1_000 / (slowStepMs * smallBatchShare);
  const durations: number[] = [];
  const startMs = nowMs();
  let lastMs = startMs;
  let taken = 0;
  await takeSteps(device, speedNetwork, () => {
    const now = nowMs();
    const stepMs = now - lastMs;
    lastMs = now;
    taken++;
    // the first steps compile and fill caches, unless they are all there is time for
    if (taken > 2 || stepMs > measureMs) durations.push(stepMs);
    return now - startMs > 2 * measureMs || durations.length >= mostMeasuredSteps ? 'done' : 'go on';
  });
  const sorted = durations.toSorted((a, b) => a - b);
  return 1_000 / sorted[Math.floor(sorted.length / 2)]!;
}

/** Milliseconds of the second step, which finds everything compiled. */
async function secondStepMs(device: Device, small: StepNetwork, nowMs: () => number): Promise<number> {
  const ends: number[] = [];
  await takeSteps(device, small, () => (ends.push(nowMs()) === 2 ? 'done' : 'go on'));
  return ends[1]! - ends[0]!;
}
