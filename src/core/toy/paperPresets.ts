import type { ToyRun } from './runToy.ts';

export interface ToyPreset {
  id: string;
  label: string;
  run: ToyRun;
}

/** The paper does not state where its descents start; this point is ours. */
const start = [-2, 9] as const;
const steps = 200;

/** The four descents of the paper's figure 3, with its learning rates. */
export const paperToyPresets: readonly ToyPreset[] = [
  {
    id: 'strong-gd',
    label: 'Strong anisotropy, gradient descent',
    run: { function: 'strong', optimizer: 'sgd', learningRate: 0.002, steps, start },
  },
  {
    id: 'strong-signgd',
    label: 'Strong anisotropy, sign descent',
    run: { function: 'strong', optimizer: 'signsgd', learningRate: 0.05, steps, start },
  },
  {
    id: 'weak-gd',
    label: 'Weak anisotropy, gradient descent',
    run: { function: 'weak', optimizer: 'sgd', learningRate: 0.8, steps, start },
  },
  {
    id: 'weak-signgd',
    label: 'Weak anisotropy, sign descent',
    run: { function: 'weak', optimizer: 'signsgd', learningRate: 0.2, steps, start },
  },
];
