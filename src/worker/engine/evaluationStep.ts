import type * as tfjs from '@tensorflow/tfjs';
import type { NamedTensors, Tf } from '../backends/device.ts';
import { forward } from '../models/forward.ts';
import { lossValue, scoreSum } from '../models/loss.ts';
import type { StepBatch, StepProgram } from './trainStep.ts';

/**
 * Loss and score sum of one batch as [2], without dropout and with running statistics. Pure: no value is read. The
 * result belongs to the caller.
 */
export function evaluationStep(
  tf: Tf,
  program: StepProgram,
  variables: NamedTensors,
  { x, targets }: Pick<StepBatch, 'x' | 'targets'>,
): tfjs.Tensor {
  return tf.tidy(() => {
    const { output } = forward(tf, program.plan, { variables, x, masks: {}, training: false });
    return tf.stack([lossValue(tf, program.loss, output, targets), scoreSum(tf, program.loss, output, targets)]);
  });
}
