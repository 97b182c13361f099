import type * as tfjs from '@tensorflow/tfjs';
import type { StepNumbers } from '../../core/optimizers/optimizerSpec.ts';
import { AppError } from '../../core/errors.ts';
import type { Device, NamedTensors } from '../backends/device.ts';
import { stepScalars, type StepScalars } from '../optimizers/tensorOptimizers.ts';
import { evaluationStep } from './evaluationStep.ts';
import { disposeState, flattenState, unflattenState, type TrainingState } from './trainingState.ts';
import { noNorms, readStats, type PendingStats, type StepStats } from './stepStats.ts';
import { computeGradients, pureTrainStep, runTrainStep, type StepBatch, type StepProgram } from './trainStep.ts';
import { updateAll } from './updates.ts';

export type EvaluationBatch = Pick<StepBatch, 'x' | 'targets'>;

export interface EvaluationStats {
  /** mean loss of the batch */
  loss: number;
  /** correct rows of the batch, or the summed absolute error of a regression */
  score: number;
}

/** The two ways to step, and what a run asks of them. */
type StepKind = Pick<Steps, 'take' | 'evaluate' | 'close'>;

/** The two steps of a run, which act on one state. Batch tensors stay the caller's. */
export interface Steps {
  /** Replaces the tensors of the state by those after the step; its numbers may still be on their way. */
  take(batch: StepBatch, numbers: StepNumbers): Promise<PendingStats>;
  /** Waits for the numbers of steps taken, in order. */
  read(taken: readonly PendingStats[]): Promise<StepStats[]>;
  /** takes a step and reads it */
  train(batch: StepBatch, numbers: StepNumbers): Promise<StepStats>;
  evaluate(batch: EvaluationBatch): Promise<EvaluationStats>;
  close(): Promise<void>;
}

/**
 * Compiled steps on a device that compiles, else eager ones. Where an operation cannot be compiled, `warn` hears which,
 * and the run goes on with eager steps, which compute the same.
 */
export function createSteps(
  device: Device,
  program: StepProgram,
  state: TrainingState,
  warn: (message: string) => void,
): Steps {
  const { take, evaluate, close } = stepsOf(device, program, state, warn);
  const read = (taken: readonly PendingStats[]) => readStats(device.tf, taken);
  return {
    take,
    read,
    train: async (batch, numbers) => (await read([await take(batch, numbers)]))[0]!,
    evaluate,
    close,
  };
}

function stepsOf(
  device: Device,
  program: StepProgram,
  state: TrainingState,
  warn: (message: string) => void,
): StepKind {
  const eager = eagerSteps(device, program, state);
  const { compile } = device;
  if (!compile) return eager;
  const compiled = compiledSteps(device, compile, program, state);
  let current: StepKind = compiled;
  const orEagerly = async <Result>(step: (steps: StepKind) => Promise<Result>): Promise<Result> => {
    try {
      return await step(current);
    } catch (error) {
      if (current === eager || !(error instanceof AppError) || error.code !== 'kernelMissing') throw error;
      warn(`${error.message} The run goes on without compiled steps, which is slower; its results are the same.`);
      current = eager;
      return await step(current);
    }
  };
  return {
    take: (batch, numbers) => orEagerly((steps) => steps.take(batch, numbers)),
    evaluate: (batch) => orEagerly((steps) => steps.evaluate(batch)),
    close: () => compiled.close(),
  };
}

function eagerSteps(device: Device, program: StepProgram, state: TrainingState): StepKind {
  const { tf } = device;
  return {
    take: async (batch, numbers) => runTrainStep(device, program, state, batch, numbers),
    async evaluate(batch) {
      const stats = evaluationStep(tf, program, { ...state.weights, ...state.statistics }, batch);
      const [loss, score] = await stats.data();
      stats.dispose();
      return { loss: loss!, score: score! };
    },
    async close() {},
  };
}

type Compile = NonNullable<Device['compile']>;

function compiledSteps(device: Device, compile: Compile, program: StepProgram, state: TrainingState): StepKind {
  const training = device.compilesInPlace
    ? compiledGradients(device, compile, program, state)
    : wholeStep(device, compile, program, state);
  const evaluation = compile((traceTf, inputs) => {
    const { weights, statistics } = unflattenState(inputs, { ...state, slots: {} });
    const batch = { x: inputs['x']!, targets: inputs['targets'] as tfjs.Tensor2D };
    return { stats: evaluationStep(traceTf, program, { ...weights, ...statistics }, batch) };
  });
  return {
    take: training.take,
    async evaluate({ x, targets }) {
      const { stats } = await evaluation.run({ x, targets, ...flattenState({ ...state, slots: {} }) });
      const [loss, score] = await stats!.data();
      stats!.dispose();
      return { loss: loss!, score: score! };
    },
    async close() {
      await training.close();
      await evaluation.close();
    },
  };
}

type Training = Pick<StepKind, 'take' | 'close'>;

/** Forward and backward compiled; the device's fused update, one pass over memory, does the rest in place. */
function compiledGradients(device: Device, compile: Compile, program: StepProgram, state: TrainingState): Training {
  const { tf } = device;
  const compiled = compile((traceTf, inputs) => {
    const traced = unflattenState(inputs, { ...state, slots: {} });
    const { loss, score, gradients, statistics } = computeGradients(traceTf, program, traced, batchOf(inputs));
    const stats = traceTf.stack([loss, score]);
    traceTf.dispose([loss, score]);
    return { ...withPrefix(gradients, 'gradients/'), ...withPrefix(statistics, 'statistics/'), stats };
  });
  return {
    async take({ x, targets, masks }, numbers) {
      const inputs = { x, targets, ...withPrefix(masks, 'masks/'), ...flattenState({ ...state, slots: {} }) };
      const { stats, ...results } = await compiled.run(inputs);
      const gradients = withoutPrefix(results, 'gradients/');
      const { tensors: norms, known } = updateAll(device, program, state, gradients, numbers);
      tf.dispose([gradients, state.statistics]);
      state.statistics = withoutPrefix(results, 'statistics/');
      return { tensors: [stats!, ...norms], known };
    },
    close: () => compiled.close(),
  };
}

/** The step as one function, its state kept where it is computed. */
function wholeStep({ tf }: Device, compile: Compile, program: StepProgram, state: TrainingState): Training {
  let constants: StepNumbers | undefined;
  const compiled = compile(
    (traceTf, inputs) => {
      const { state: next, stats } = pureTrainStep(traceTf, program, {
        ...batchOf(inputs),
        state: unflattenState(inputs, state),
        scalars: { hyper: constants!, ...scalarInputs(inputs) },
      });
      return { ...flattenState(next), stats };
    },
    { isKept: (name) => name !== 'stats' },
  );
  return {
    async take({ x, targets, masks }, numbers) {
      constants ??= numbers;
      const scalars = scalarTensors(tf, stepScalars(numbers));
      try {
        const inputs = { x, targets, ...withPrefix(masks, 'masks/'), ...scalars, ...flattenState(state) };
        const { stats, ...next } = await compiled.run(inputs);
        const old = { ...state };
        Object.assign(state, unflattenState(next, state));
        disposeState(old);
        return { tensors: [stats!], known: noNorms };
      } finally {
        tf.dispose(scalars);
      }
    },
    close: () => compiled.close(),
  };
}

function batchOf(inputs: NamedTensors): StepBatch {
  return { x: inputs['x']!, targets: inputs['targets'] as tfjs.Tensor2D, masks: withoutPrefix(inputs, 'masks/') };
}

/** The numbers that change from step to step; all others are constants of a run. */
const changing = ['learningRate', 'rho', 'biasCorrection1', 'biasCorrection2'] as const;
type ChangingScalars = Omit<StepScalars, 'hyper'>;

function scalarTensors(tf: Device['tf'], scalars: StepScalars): Record<string, tfjs.Tensor> {
  return Object.fromEntries(changing.map((name) => [name, tf.scalar(scalars[name] as number)]));
}

function scalarInputs(inputs: NamedTensors): ChangingScalars {
  return Object.fromEntries(changing.map((name) => [name, inputs[name]])) as unknown as ChangingScalars;
}

function withPrefix(tensors: NamedTensors, prefix: string): Record<string, tfjs.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor]));
}

function withoutPrefix(tensors: NamedTensors, prefix: string): Record<string, tfjs.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
