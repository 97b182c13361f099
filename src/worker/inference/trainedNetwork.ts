import type { TrainedModel } from '../../core/contract/modelTasks.ts';
import type { DatasetMeta } from '../../core/contract/datasets.ts';
import { AppError } from '../../core/errors.ts';
import { planModel, type ModelPlan } from '../../core/models/modelPlan.ts';
import { findOptimizer } from '../../core/optimizers/catalogue.ts';
import type { CompiledFunction, Device, NamedTensors } from '../backends/device.ts';
import { readCheckpoint } from '../engine/checkpoint.ts';
import { disposeState } from '../engine/trainingState.ts';
import { forward } from '../models/forward.ts';

/** A network with the weights of a checkpoint. Whoever opened it closes it. */
export interface TrainedNetwork {
  plan: ModelPlan;
  /** weights and running statistics by variable name */
  variables: NamedTensors;
  /** Outputs [count, plan.outputSize] for samples as the model receives them: logits, or predicted numbers. */
  outputs(samples: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Throws AppError `checkpointMissing`, `checkpointCorrupt` or `shapeMismatch`. */
export function openTrainedNetwork(
  device: Device,
  model: Pick<TrainedModel, 'config' | 'checkpointPath'>,
  meta: DatasetMeta,
  targetCount: number,
): TrainedNetwork {
  const { tf } = device;
  const plan = planModel(model.config.model, {
    inputShape: meta.shape,
    task: meta.task,
    classCount: meta.classes.length,
    targetCount,
  });
  const { state } = readCheckpoint(tf, model.checkpointPath, plan, findOptimizer(model.config.optimizer.id));
  const variables: NamedTensors = { ...state.weights, ...state.statistics };
  let compiled: CompiledFunction | undefined = device.compile?.((traceTf, { x, ...traced }) => ({
    output: forward(traceTf, plan, { variables: traced, x: x!, masks: {}, training: false }).output,
  }));

  const run = async (x: NamedTensors[string]) => {
    if (compiled) {
      try {
        return (await compiled.run({ x, ...variables }))['output']!;
      } catch (error) {
        // one operation has no compiled form, or the runtime cannot run here, as in the windows of some systems, where it
        // is refused the memory: answers come operation by operation then, which is slower and the same
        if (!(error instanceof AppError) || !['kernelMissing', 'internal'].includes(error.code)) throw error;
        await compiled.close();
        compiled = undefined;
      }
    }
    return tf.tidy(() => forward(tf, plan, { variables, x, masks: {}, training: false }).output);
  };
  return {
    plan,
    variables,
    async outputs(samples, count) {
      const x = tf.tensor(samples, [count, ...plan.inputShape]);
      try {
        const output = await run(x);
        const numbers = Float32Array.from(await output.data());
        output.dispose();
        return numbers;
      } finally {
        x.dispose();
      }
    },
    async close() {
      await compiled?.close();
      disposeState(state);
    },
  };
}
