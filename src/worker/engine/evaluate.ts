import type { Device } from '../backends/device.ts';
import type { Batcher } from '../data/batcher.ts';
import { forward } from '../models/forward.ts';
import { lossValue, scoreSum } from '../models/loss.ts';
import type { StepProgram } from './trainStep.ts';
import type { TrainingState } from './trainingState.ts';

export interface Evaluation {
  /** mean loss over the rows */
  loss: number;
  /** share of rows classified right, or the mean absolute error of a regression */
  score: number;
}

/** Loss and score of the model as it stands, over given rows, without dropout and with running statistics. */
export async function evaluate(
  device: Device,
  program: StepProgram,
  state: TrainingState,
  batcher: Batcher,
  rows: Uint32Array,
  batchSize: number,
  betweenBatches: () => Promise<void>,
): Promise<Evaluation> {
  const { tf } = device;
  const variables = { ...state.weights, ...state.statistics };
  let lossSum = 0;
  let scoreTotal = 0;
  for (let start = 0; start < rows.length; start += batchSize) {
    const part = rows.subarray(start, start + batchSize);
    const { x, targets } = batcher(part);
    const result = tf.tidy(() => {
      const { output } = forward(tf, program.plan, { variables, x, masks: {}, training: false });
      return tf.stack([lossValue(tf, program.loss, output, targets), scoreSum(tf, program.loss, output, targets)]);
    });
    const [loss, score] = await result.data();
    tf.dispose([x, targets, result]);
    lossSum += loss! * part.length;
    scoreTotal += score!;
    await betweenBatches();
  }
  return { loss: lossSum / rows.length, score: scoreTotal / rows.length };
}
