import type * as tfjs from '@tensorflow/tfjs';
import type { ModelPlan, PlannedLayer } from '../../core/models/modelPlan.ts';
import type { Generator } from '../../core/random/generator.ts';
import type { Tf } from '../backends/device.ts';

const dropoutLayers = (layers: readonly PlannedLayer[]): PlannedLayer[] =>
  layers.flatMap((layer) => [
    ...(layer.spec.type === 'dropout' ? [layer] : []),
    ...dropoutLayers(layer.body),
    ...dropoutLayers(layer.shortcut),
  ]);

/** Fresh masks for one batch: 0 with the layer's rate, else 1 / (1 - rate). The caller disposes of them. */
export function drawDropoutMasks(
  tf: Tf,
  plan: ModelPlan,
  rows: number,
  generator: Generator,
): Record<string, tfjs.Tensor> {
  const masks: Record<string, tfjs.Tensor> = {};
  for (const { path, spec, inputShape } of dropoutLayers(plan.layers)) {
    if (spec.type !== 'dropout') continue;
    const values = new Float32Array(inputShape.reduce((product, size) => product * size, rows));
    for (let i = 0; i < values.length; i++) values[i] = generator.nextFloat() < spec.rate ? 0 : 1 / (1 - spec.rate);
    masks[path] = tf.tensor(values, [rows, ...inputShape]);
  }
  return masks;
}
