import type { RunConfig } from '../../core/contract/runConfig.ts';
import type { WorkerMessage } from '../../core/contract/workerMessages.ts';
import { AppError } from '../../core/errors.ts';
import { findOptimizer, hyperparameterNumbers } from '../../core/optimizers/catalogue.ts';
import { planModel } from '../../core/models/modelPlan.ts';
import { createGenerator, restoreGenerator, shuffle } from '../../core/random/generator.ts';
import { createLearningRateSchedule } from '../../core/schedules/learningRateSchedule.ts';
import { createPSchedule } from '../../core/schedules/pSchedule.ts';
import type { Device } from '../backends/device.ts';
import { checkAugmentation } from '../../core/augmentation/augmentationConfig.ts';
import { createBatchLoader, type BatchFeed } from '../data/batchLoader.ts';
import type { OpenDataset } from '../data/openDataset.ts';
import { splitRows } from '../data/split.ts';
import { readInitialWeights } from '../models/initialWeights.ts';
import { lossOf } from '../models/loss.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { CheckpointKeeper } from './checkpointKeeper.ts';
import { drawDropoutMasks } from './dropoutMasks.ts';
import { evaluate } from './evaluate.ts';
import type { MetricsSink } from './metricsSink.ts';
import type { Progress } from './progress.ts';
import { createState, disposeState } from './trainingState.ts';
import { asEngineError } from './engineError.ts';
import { createLossGuard } from './lossGuard.ts';
import { createStepReader, type ReadSteps } from './stepReader.ts';
import { createSteps } from './steps.ts';
import type { StepStats } from './stepStats.ts';
import type { StepProgram } from './trainStep.ts';

/** What is known of a step when it is taken. */
interface StepNote {
  step: number;
  rows: number;
  learningRate: number;
  p: number;
  rho: number;
}

/** What the user asked for while the run goes on; read between steps. */
export interface Control {
  request: 'none' | 'pause' | 'stop' | 'shutdown';
  /** resolves at the next request */
  changed(): Promise<void>;
}

export interface TrainOptions {
  config: RunConfig;
  device: Device;
  dataset: OpenDataset;
  /** checkpoint folder to continue from */
  resumeFrom: string | null;
  /** folder of imported weights to begin with, where no checkpoint is continued */
  initialWeightsDir: string | null;
  /** the program of threads that make batches, and their number; left out: as many as pay */
  loaderProgram: URL;
  /** what the machine is doing, when there is something new to say */
  takeSystemSample?: () => Readonly<Record<string, number>> | undefined;
  loaderThreads?: number;
  sink: MetricsSink;
  keeper: CheckpointKeeper;
  control: Control;
  send: (message: WorkerMessage) => void;
  nowMs: () => number;
  /** lets other work of this process run (messages, heartbeat); called often, cheap when it is not time yet */
  breathe: () => Promise<void>;
}

export interface TrainEnd {
  reason: 'completed' | 'stopped' | 'earlyStopped' | 'shutdown';
  step: number;
  epoch: number;
  trainSeconds: number;
}

/**
 * Trains a run from its beginning or a checkpoint to its end or a request. Every tensor it makes it disposes of, also
 * when it throws. Throws AppError `nonFiniteLoss` when loss or gradient stop being finite, and what dataset, model
 * and checkpoint functions throw.
 */
export async function train(options: TrainOptions): Promise<TrainEnd> {
  const { config, device, dataset, sink, keeper, control, nowMs } = options;
  const { tf } = device;
  const optimizer = findOptimizer(config.optimizer.id);
  const hyper = hyperparameterNumbers(optimizer, config.optimizer.hyperparameters);
  const { meta } = dataset;
  const plan = planModel(config.model, {
    inputShape: meta.shape,
    task: meta.task,
    classCount: meta.classes.length,
    targetCount: dataset.targetSize,
  });
  const program: StepProgram = {
    plan,
    loss: lossOf(config, meta.task),
    optimizerId: optimizer.id,
    weightDecayScope: config.weightDecayScope,
  };
  const rows = splitRows(config.split, meta.rows, dataset.parts);
  checkAugmentation(config.augmentation, meta.shape);
  const stepsPerEpoch = Math.ceil(rows.train.length / config.batchSize);
  const runLength = { epochs: config.epochs, stepsPerEpoch };
  const pSchedule = createPSchedule(config.pSchedule, runLength);
  const learningRates = createLearningRateSchedule(config.learningRate, runLength);
  const scoreName = meta.task === 'classes' ? 'Accuracy' : 'Mae';

  const content = options.resumeFrom === null ? null : readCheckpoint(tf, options.resumeFrom, plan, optimizer);
  const given =
    content || options.initialWeightsDir === null ? null : readInitialWeights(tf, options.initialWeightsDir, plan);
  const state = content?.state ?? createState(tf, plan, optimizer, config.seed, given?.tensors);
  if (given) {
    const which = given.isOutputNew ? ' but for the output layer, whose sizes are others' : '';
    options.send({ type: 'log', level: 'info', message: `Begins with the imported weights${which}.` });
  }
  const steps = createSteps(device, program, state, (message) => options.send({ type: 'log', level: 'warn', message }));
  const loader = createBatchLoader({
    device,
    dataset,
    targetSize: plan.outputSize,
    augmentation: config.augmentation,
    seed: config.seed,
    batchSize: config.batchSize,
    threads: options.loaderThreads,
    loaderProgram: options.loaderProgram,
  });
  const progress: Progress = content?.progress ?? {
    step: 0,
    epoch: 0,
    stepInEpoch: 0,
    epochLossSum: 0,
    epochScoreSum: 0,
    epochRows: 0,
    trainSeconds: 0,
    best: null,
    epochsSinceBest: 0,
    generators: {
      shuffle: createGenerator(config.seed, 'shuffle').state(),
      dropout: createGenerator(config.seed, 'dropout').state(),
    },
  };
  const shuffler = restoreGenerator(progress.generators.shuffle);
  const dropout = restoreGenerator(progress.generators.dropout);
  let order = content?.order ?? new Uint32Array(0);
  let feed: BatchFeed | null = null;
  // of the epoch under way, from where this process began it
  const clock = { waitedMs: 0, seconds: 0 };
  let lastTickMs = nowMs();
  /** the last step whose numbers are known */
  let readStep = progress.step;
  const guarded = createLossGuard(device.lost);
  const reader = createStepReader<StepNote>({
    computesAhead: device.computesAhead,
    read: (pending) => guarded(steps.read(pending)),
    onRead: ({ steps: taken }) => noteSteps(taken),
    nowMs,
  });

  const snapshot = () => {
    progress.generators = { shuffle: shuffler.state(), dropout: dropout.state() };
    return { state, progress, order };
  };
  const tick = (): number => {
    const now = nowMs();
    const seconds = (now - lastTickMs) / 1_000;
    lastTickMs = now;
    progress.trainSeconds += seconds;
    return seconds;
  };

  async function takeStep(): Promise<void> {
    if (progress.stepInEpoch === 0) {
      order = rows.train.slice();
      shuffle(order, shuffler);
    }
    feed ??= loader.feed({
      rows: order,
      batchSize: config.batchSize,
      epoch: progress.epoch,
      first: progress.stepInEpoch,
    });
    const start = progress.stepInEpoch * config.batchSize;
    const batchRows = order.subarray(start, start + config.batchSize);
    const { p, rho } = pSchedule.at(progress.epoch, progress.stepInEpoch);
    const learningRate = learningRates.at(progress.epoch, progress.stepInEpoch);
    const askedAtMs = nowMs();
    const { x, targets } = await feed.next();
    clock.waitedMs += nowMs() - askedAtMs;
    const masks = drawDropoutMasks(tf, plan, batchRows.length, dropout);
    const step = progress.step + 1;
    const pending = await steps.take({ x, targets, masks }, { ...hyper, learningRate, rho, t: step });
    tf.dispose([x, targets, ...Object.values(masks)]);
    progress.step = step;
    progress.stepInEpoch++;
    await reader.add({ pending, note: { step, rows: batchRows.length, learningRate, p, rho } });
  }

  /** Counts and reports steps whose numbers have come. Throws at the first that is not finite. */
  function noteSteps(taken: ReadSteps<StepNote>['steps']): void {
    const failure = device.failure?.();
    if (failure) throw failure;
    const before = progress.trainSeconds;
    const groupSeconds = tick();
    clock.seconds += groupSeconds;
    const seconds = groupSeconds / taken.length;
    taken.forEach(({ stats, note }, i) => noteStep(stats, note, seconds, before + (i + 1) * seconds));
    const system = options.takeSystemSample?.();
    if (system) sink.add(readStep, system);
  }

  function noteStep(stats: StepStats, note: StepNote, seconds: number, elapsedSeconds: number): void {
    const { step, rows: rowCount, learningRate, p, rho } = note;
    const gradientNorm = Math.sqrt(stats.gradSquared);
    progress.epochLossSum += stats.loss * rowCount;
    progress.epochScoreSum += stats.score;
    progress.epochRows += rowCount;
    readStep = step;
    sink.add(step, {
      loss: stats.loss,
      learningRate,
      ...(optimizer.usesPSchedule ? { p, rho } : {}),
      gradientNorm,
      updateRatio: Math.sqrt(stats.updateSquared) / (Math.sqrt(stats.weightSquared) || 1),
      samplesPerSecond: rowCount / Math.max(seconds, 1e-6),
      elapsedSeconds,
    });
    if (!Number.isFinite(stats.loss) || !Number.isFinite(gradientNorm) || !Number.isFinite(stats.updateSquared)) {
      throw divergence(
        config,
        step,
        Number.isFinite(stats.loss) ? 'gradient' : 'loss',
        learningRate,
        optimizer.usesPSchedule ? p : null,
      );
    }
  }

  async function endEpoch(): Promise<{ monitored: number | null; isBest: boolean }> {
    const values: Record<string, number> = {
      trainLoss: progress.epochLossSum / progress.epochRows,
      [`train${scoreName}`]: progress.epochScoreSum / progress.epochRows,
      dataWaitShare: clock.waitedMs / 1_000 / Math.max(clock.seconds, 1e-6),
    };
    feed = null;
    clock.waitedMs = clock.seconds = 0;
    progress.epoch++;
    progress.stepInEpoch = 0;
    progress.epochLossSum = progress.epochScoreSum = progress.epochRows = 0;
    order = new Uint32Array(0);
    const isDue = progress.epoch % config.evaluation.everyEpochs === 0 || progress.epoch >= config.epochs;
    for (const part of ['validation', 'test'] as const) {
      if (!isDue || rows[part].length === 0) continue;
      const { loss, score } = await evaluate(steps, loader, rows[part], config.evaluation.batchSize, options.breathe);
      values[`${part}Loss`] = loss;
      values[`${part}${scoreName}`] = score;
    }
    sink.add(progress.step, { ...values, epoch: progress.epoch, workerMemoryBytes: process.memoryUsage().rss });
    // evaluation is not training: its time counts for nobody's speed
    lastTickMs = nowMs();
    return judge(values);
  }

  function judge(values: Readonly<Record<string, number>>): { monitored: number | null; isBest: boolean } {
    const monitor = config.earlyStopping?.monitor ?? (rows.validation.length > 0 ? 'validationLoss' : 'trainLoss');
    const value = values[monitor];
    if (value === undefined) return { monitored: null, isBest: false };
    const sign = monitor.endsWith('Accuracy') ? -1 : 1;
    const minDelta = config.earlyStopping?.minDelta ?? 0;
    const isBest = progress.best === null || sign * value < sign * progress.best - minDelta;
    if (isBest) progress.best = value;
    progress.epochsSinceBest = isBest ? 0 : progress.epochsSinceBest + 1;
    return { monitored: value, isBest };
  }

  /** Pauses, or says why the run ends now; undefined means go on. */
  async function obey(): Promise<TrainEnd['reason'] | undefined> {
    while (control.request !== 'none') {
      await reader.settle();
      await sink.drain(progress.step, progress.epoch);
      await keeper.save(snapshot(), 'pause', null);
      if (control.request === 'stop') return 'stopped';
      if (control.request === 'shutdown') return 'shutdown';
      options.send({ type: 'paused', step: progress.step });
      while (control.request === 'pause') await control.changed();
      if (control.request === 'none') options.send({ type: 'resumed', step: progress.step });
      lastTickMs = nowMs();
    }
    return undefined;
  }

  async function loop(): Promise<TrainEnd['reason']> {
    while (progress.epoch < config.epochs) {
      await options.breathe();
      const end = await obey();
      if (end) return end;
      await takeStep();
      if (progress.stepInEpoch === stepsPerEpoch) {
        await reader.settle();
        const { monitored, isBest } = await endEpoch();
        const isLast = progress.epoch >= config.epochs;
        if (isBest && config.checkpoint.keepBest) await keeper.save(snapshot(), 'best', monitored);
        if (isLast || progress.epoch % config.checkpoint.everyEpochs === 0)
          await keeper.save(snapshot(), isLast ? 'final' : 'periodic', monitored);
        if (!isLast && config.earlyStopping && progress.epochsSinceBest >= config.earlyStopping.patienceEpochs)
          return 'earlyStopped';
        lastTickMs = nowMs();
      } else if (config.checkpoint.everySeconds > 0 && keeper.ageMs() >= config.checkpoint.everySeconds * 1_000) {
        await reader.settle();
        await keeper.save(snapshot(), 'periodic', null);
        lastTickMs = nowMs();
      }
      await sink.atStepBoundary(readStep, progress.epoch);
    }
    return 'completed';
  }

  try {
    options.send({
      type: 'ready',
      device: { id: device.id, description: device.description, threads: device.threads },
      parameterCount: plan.parameterCount,
      stepsPerEpoch,
      totalSteps: stepsPerEpoch * config.epochs,
      step: progress.step,
      trainSamples: rows.train.length,
      validationSamples: rows.validation.length,
      testSamples: rows.test.length,
    });
    const reason = await loop();
    await sink.drain(progress.step, progress.epoch);
    return { reason, step: progress.step, epoch: progress.epoch, trainSeconds: progress.trainSeconds };
  } catch (error) {
    // the points that show how it came to this are the ones most wanted
    await sink.drain(readStep, progress.epoch);
    throw device.failure?.() ?? asEngineError(error);
  } finally {
    await reader.close();
    await loader.close();
    await steps.close();
    disposeState(state);
  }
}

function divergence(
  config: RunConfig,
  step: number,
  what: 'loss' | 'gradient',
  learningRate: number,
  p: number | null,
): AppError {
  const at = `at step ${step} (learning rate ${learningRate.toPrecision(3)}${p === null ? '' : `, p ${p.toPrecision(3)}`})`;
  const advice =
    p !== null && p > 2
      ? 'With p above 2 small gradients make large steps: try a learning rate ten times smaller, or a smaller pMax.'
      : 'Try a learning rate ten times smaller, or a longer warm-up.';
  return new AppError(
    'nonFiniteLoss',
    `The ${what} stopped being a finite number ${at}. ${advice} The last checkpoint before it is kept.`,
    {
      details: { step, learningRate, p, optimizer: config.optimizer.id },
    },
  );
}
