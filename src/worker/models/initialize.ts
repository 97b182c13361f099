import { createGenerator } from '../../core/random/generator.ts';
import type { VariablePlan } from '../../core/models/modelPlan.ts';

/**
 * The first values of a variable. They depend on the run's seed and the variable's name alone, so every optimizer of
 * one seed starts from the same weights, and adding a layer does not change those of the others.
 */
export function initialValues(variable: VariablePlan, seed: number): Float32Array {
  const values = new Float32Array(variable.shape.reduce((product, size) => product * size, 1));
  const { initializer } = variable;
  if (initializer.kind === 'ones') return values.fill(1);
  if (initializer.kind === 'zeros') return values;
  const generator = createGenerator(seed, `init/${variable.name}`);
  if (initializer.kind === 'he') {
    const deviation = Math.sqrt(2 / initializer.fan);
    for (let i = 0; i < values.length; i++) values[i] = deviation * generator.nextNormal();
  } else {
    const bound = Math.sqrt(6 / (initializer.fanIn + initializer.fanOut));
    for (let i = 0; i < values.length; i++) values[i] = bound * (2 * generator.nextFloat() - 1);
  }
  return values;
}
