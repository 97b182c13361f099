import type { DataPart } from '../../core/contract/datasetImport.ts';
import type { Evaluation, WorstRow } from '../../core/contract/results.ts';
import type { RunConfig } from '../../core/contract/runConfig.ts';
import { AppError } from '../../core/errors.ts';
import { accuracyOf } from '../../core/metrics/confusion.ts';
import type { OpenDataset } from '../data/openDataset.ts';
import { splitRows } from '../data/split.ts';
import { lossOf } from '../models/loss.ts';
import { indexOfGreatest, rowLoss, softmax } from './rowOutcome.ts';
import type { TrainedNetwork } from './trainedNetwork.ts';

const batchRows = 256;
/** Samples with more numbers than this are not sent along with the worst rows. */
const maxShownNumbers = 64 * 64 * 3;

/** The rows of one part of a dataset as a run's split deals them. Throws AppError `notFound` when there are none. */
export function rowsOfPart(config: RunConfig, dataset: OpenDataset, part: DataPart): Uint32Array {
  const rows = splitRows(config.split, dataset.meta.rows, dataset.parts)[part];
  if (rows.length > 0) return rows;
  throw new AppError('notFound', `The run kept no ${part} part of its data; choose another part.`, {
    details: { part },
  });
}

/** What a model says to rows, batch after batch; the arrays are used again for the next batch. */
export interface AnsweredBatch {
  rows: Uint32Array;
  outputs: Float32Array;
  /** one-hot classes, or wanted numbers */
  targets: Float32Array;
  samples: Float32Array;
}

export async function* answerRows(
  network: TrainedNetwork,
  dataset: OpenDataset,
  rows: Uint32Array,
): AsyncGenerator<AnsweredBatch> {
  const sampleSize = dataset.meta.shape.reduce((product, size) => product * size, 1);
  const { outputSize } = network.plan;
  for (let start = 0; start < rows.length; start += batchRows) {
    const part = rows.subarray(start, start + batchRows);
    const samples = new Float32Array(part.length * sampleSize);
    const targets = new Float32Array(part.length * outputSize);
    await dataset.readSamples(part, samples);
    dataset.readTargets(part, targets);
    yield { rows: part, outputs: await network.outputs(samples, part.length), targets, samples };
  }
}

/** Keeps the `count` rows of greatest loss, greatest first. */
function keepWorst(worst: WorstRow[], candidate: () => WorstRow, loss: number, count: number): void {
  if (count === 0 || (worst.length === count && loss <= worst[count - 1]!.loss)) return;
  const place = worst.findIndex((other) => other.loss < loss);
  worst.splice(place === -1 ? worst.length : place, 0, candidate());
  worst.length = Math.min(worst.length, count);
}

/** Judges a model on one part of the dataset it was trained on. */
export async function evaluateModel(
  network: TrainedNetwork,
  dataset: OpenDataset,
  config: RunConfig,
  part: DataPart,
  worstCount: number,
): Promise<Omit<Evaluation, 'runId' | 'step'>> {
  const { meta } = dataset;
  const rows = rowsOfPart(config, dataset, part);
  const isClasses = meta.task === 'classes';
  const kind = lossOf(config, meta.task);
  const { outputSize } = network.plan;
  const confusion = isClasses
    ? Array.from({ length: outputSize }, () => Array.from({ length: outputSize }, () => 0))
    : [];
  const worst: WorstRow[] = [];
  const sampleSize = meta.shape.reduce((product, size) => product * size, 1);
  let lossSum = 0;
  let absoluteSum = 0;
  let squareSum = 0;
  const wanted = { sum: 0, squares: 0, count: 0 };

  for await (const batch of answerRows(network, dataset, rows)) {
    batch.rows.forEach((row, i) => {
      const output = batch.outputs.subarray(i * outputSize, (i + 1) * outputSize);
      const targets = batch.targets.subarray(i * outputSize, (i + 1) * outputSize);
      const loss = rowLoss(kind, output, targets);
      lossSum += loss;
      const target = isClasses ? indexOfGreatest(targets) : targets[0]!;
      const predicted = isClasses ? indexOfGreatest(output) : output[0]!;
      if (isClasses) confusion[target]![predicted]!++;
      else {
        for (let k = 0; k < outputSize; k++) {
          const difference = output[k]! - targets[k]!;
          absoluteSum += Math.abs(difference);
          squareSum += difference * difference;
          wanted.sum += targets[k]!;
          wanted.squares += targets[k]! * targets[k]!;
          wanted.count++;
        }
      }
      keepWorst(
        worst,
        () => ({
          row,
          target,
          predicted,
          loss,
          confidence: isClasses ? softmax(output)[predicted]! : null,
          values:
            sampleSize > maxShownNumbers
              ? []
              : beforeNormalization(dataset, batch.samples.subarray(i * sampleSize, (i + 1) * sampleSize)),
        }),
        loss,
        worstCount,
      );
    });
  }
  const variation = wanted.squares - wanted.sum ** 2 / Math.max(1, wanted.count);
  return {
    part,
    rows: rows.length,
    loss: lossSum / rows.length,
    task: meta.task,
    shape: [...meta.shape],
    classes: [...meta.classes],
    confusion,
    accuracy: isClasses ? accuracyOf(confusion) : null,
    meanAbsoluteError: isClasses ? null : absoluteSum / wanted.count,
    rootMeanSquaredError: isClasses ? null : Math.sqrt(squareSum / wanted.count),
    r2: isClasses || variation <= 0 ? null : 1 - squareSum / variation,
    worst,
  };
}

/** A sample as a person would look at it. */
function beforeNormalization({ meta: { normalization } }: OpenDataset, values: Float32Array): number[] {
  if (!normalization) return Array.from(values);
  const { mean, deviation } = normalization;
  return Array.from(values, (value, i) => value * deviation[i % mean.length]! + mean[i % mean.length]!);
}
